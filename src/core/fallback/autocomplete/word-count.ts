import type { LiveIndex } from './live-index';
import type { Segment } from './segment';

function isAliveIn(segment: Segment, word: number): boolean {
  if (segment.deadCount === 0) return true;
  const { ranks, starts } = segment.postings;
  const end = starts[word + 1] as number;
  for (let i = starts[word] as number; i < end; i++) if (segment.isAlive(ranks[i] as number)) return true;
  return false;
}

function isInAny(segments: readonly Segment[], points: Uint32Array, from: number, to: number): boolean {
  return segments.some(({ trie }, i) => trie.findWord(points, from, to) && isAliveIn(segments[i] as Segment, trie.low));
}

/** Counts the distinct words of living entries. The largest segment is counted, the words of the others looked up in it. */
export function countWords(index: LiveIndex): number {
  const segments = [...index.segments].sort((a, b) => b.size - a.size);
  let count = 0;
  segments.forEach((segment, i) => {
    const larger = segments.slice(0, i);
    const { words, deadCount } = segment;
    if (larger.length === 0 && deadCount === 0) {
      count = words.count;
      return;
    }
    for (let word = 0; word < words.count; word++) {
      const from = words.starts[word] as number;
      const to = words.starts[word + 1] as number;
      if (isAliveIn(segment, word) && !isInAny(larger, words.points, from, to)) count++;
    }
  });
  for (const text of index.memtable.wordTexts()) {
    const points = Uint32Array.from(text, (character) => character.codePointAt(0) as number);
    if (!isInAny(segments, points, 0, points.length)) count++;
  }
  return count;
}
