import type { SparseVectorIndex } from '../../src/core';
import { wordsOf } from '../../src/contexts/recommendations/words';
import { products, randomSource } from '../recommendations/generated';

export const VOCABULARIES = ['demo', 'zipf'] as const;
export type Vocabulary = (typeof VOCABULARIES)[number];

/** Rows as brute force takes them: terms by number, one row behind the other. */
export class Rows {
  readonly starts: Uint32Array;
  readonly terms: Uint32Array;
  readonly weights: Float32Array;
  readonly numbers = new Map<string, number>();
  end = 0;

  constructor(readonly count: number) {
    this.starts = new Uint32Array(count + 1);
    this.terms = new Uint32Array(16 * count);
    this.weights = new Float32Array(16 * count);
  }

  add(row: number, words: Iterable<readonly [string, number]>): void {
    for (const [word, weight] of words) {
      let number = this.numbers.get(word);
      if (number === undefined) this.numbers.set(word, (number = this.numbers.size));
      this.terms[this.end] = number;
      this.weights[this.end++] = weight;
    }
    this.starts[row + 1] = this.end;
  }
}

/** The products of the demo shop, all of whose words are common; or ten words of a million by Zipf's law, each once a row. */
export function* vectorsOf(vocabulary: Vocabulary, count: number): Generator<Iterable<readonly [string, number]>> {
  if (vocabulary === 'demo') {
    for (const product of products(count)) yield wordsOf(product);
    return;
  }
  const random = randomSource(21);
  for (let row = 0; row < count; row++) {
    const words = new Map<string, number>();
    // The inverse of the integral of 1 / rank.
    while (words.size < 10) words.set(`w${Math.floor(1e6 ** random())}`, 1);
    yield words;
  }
}

/** Puts all of them into the index and beside it, and refreshes it. Milliseconds. */
export async function fill(
  index: SparseVectorIndex,
  rows: Rows,
  vocabulary: Vocabulary,
): Promise<{ put: number; refresh: number; longest: number }> {
  let put = 0;
  let row = 0;
  for (const words of vectorsOf(vocabulary, rows.count)) {
    rows.add(row, words);
    const start = performance.now();
    index.put(row++, words);
    put += performance.now() - start;
  }
  // How long the event loop waits at most.
  let [longest, since, isOver] = [0, performance.now(), false];
  const turn = (): void => {
    longest = Math.max(longest, performance.now() - since);
    since = performance.now();
    if (!isOver) setImmediate(turn);
  };
  const start = performance.now();
  setImmediate(turn);
  await index.refresh();
  isOver = true;
  return { put, refresh: performance.now() - start, longest };
}
