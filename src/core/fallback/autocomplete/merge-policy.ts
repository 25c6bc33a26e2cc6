import type { Segment } from './segment';

/** Segments that may stand side by side: each costs every search a little. */
const SEGMENTS = 4;
/** From here on writers help with merging. */
export const TOO_MANY_SEGMENTS = 12;
const MOST_SOURCES = 8;
const LEAST_DEAD = 256;

function alive(segment: Segment): number {
  return segment.size - segment.deadCount;
}

/**
 * The segments to merge next, or none. One whose dead hinder the search is rewritten. Else, when there are too many, the
 * smallest are merged, with each next one that is not much larger than they are together: so an entry is rewritten
 * only a logarithmic number of times.
 */
export function chooseSources(segments: readonly Segment[]): Segment[] {
  const hindered = segments.find((segment) => segment.deadCount >= LEAST_DEAD && segment.deadCount * 4 > segment.size);
  if (hindered) return [hindered];
  if (segments.length <= SEGMENTS) return [];
  const bySize = [...segments].sort((a, b) => alive(a) - alive(b));
  const chosen = bySize.slice(0, 2);
  let together = chosen.reduce((sum, segment) => sum + alive(segment), 0);
  for (const segment of bySize.slice(2, MOST_SOURCES)) {
    if (alive(segment) > together * 2) break;
    chosen.push(segment);
    together += alive(segment);
  }
  return chosen;
}
