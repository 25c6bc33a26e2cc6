import { HEX_DIGITS } from './hex';

/** Ids that are remembered at most: some minutes of a busy shop, in 4 MiB. */
const PLACES = 1 << 20;

/**
 * Remembers ids of events, the later ones: twenty of an id's random bits choose its place, where 32 others stand until another id
 * takes it. So it forgets, and takes one id in four thousand million for another that it has seen: whoever asks must be right
 * either way. O(1).
 */
export class SeenIds {
  readonly #marks = new Uint32Array(PLACES);

  has(id: string): boolean {
    return this.#marks[placeOf(id)] === markOf(id);
  }

  add(id: string): void {
    this.#marks[placeOf(id)] = markOf(id);
  }
}

/** Some digits of an id, counted from its end: its last 62 bits are random. */
function random(id: string, from: number, to: number): number {
  let value = 0;
  for (let at = id.length - from; at < id.length - to; at++)
    value = (value << 4) | (HEX_DIGITS[id.charCodeAt(at)] as number);
  return value;
}
const placeOf = (id: string): number => random(id, 8, 0) & (PLACES - 1);

/** 32 of the random bits that do not choose the place. Never 0, which is a place that nobody has taken. */
function markOf(id: string): number {
  const mark = (random(id, 12, 8) << 16) | ((random(id, 8, 0) >>> 16) & 0xfff0) | random(id, 14, 13);
  return mark >>> 0 || 1;
}
