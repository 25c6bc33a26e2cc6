import { GrowingUint32 } from '../growing';
import { sortSteps } from '../sort';
import type { Steps } from '../steps';

/** Words as code points, packed: word i is `points[starts[i]..starts[i + 1])`. */
export interface WordTable {
  readonly count: number;
  readonly points: Uint32Array;
  readonly starts: Uint32Array;
}

/** A word table in the making; words may repeat and come in any order. */
export class WordTableBuilder implements WordTable {
  private readonly packed = new GrowingUint32();
  private readonly ends = new GrowingUint32();

  constructor() {
    this.ends.push(0);
  }

  get count(): number {
    return this.ends.length - 1;
  }

  get points(): Uint32Array {
    return this.packed.values;
  }

  get starts(): Uint32Array {
    return this.ends.values;
  }

  add(word: string): number {
    for (let i = 0; i < word.length; i++) {
      const point = word.codePointAt(i) as number;
      if (point > 0xffff) i++;
      this.packed.push(point);
    }
    this.ends.push(this.packed.length);
    return this.ends.length - 2;
  }

  /** Appends words `from..to` of another table. */
  addFrom(table: WordTable, from: number, to: number): void {
    const first = table.starts[from] as number;
    const shift = this.packed.length - first;
    const points = table.points.subarray(first, table.starts[to]);
    this.packed.reserve(this.packed.length + points.length);
    this.packed.values.set(points, this.packed.length);
    this.packed.length += points.length;
    for (let i = from + 1; i <= to; i++) this.ends.push((table.starts[i] as number) + shift);
  }
}

/** Orders two words of a table by code point. */
function compareWords(table: WordTable, a: number, b: number): number {
  const { points, starts } = table;
  let i = starts[a] as number;
  let j = starts[b] as number;
  const lengthA = (starts[a + 1] as number) - i;
  const lengthB = (starts[b + 1] as number) - j;
  for (const end = i + Math.min(lengthA, lengthB); i < end; i++, j++) {
    const difference = (points[i] as number) - (points[j] as number);
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}

/**
 * Sorts the words that are in use and drops repetitions. `renumbered[old]` is a word's number in the sorted table.
 * Sorted numbers make the words under a prefix a range of numbers, and texts comparable as sequences of numbers.
 */
export function* sortWords(table: WordTable, used: Uint8Array): Steps<{ words: WordTable; renumbered: Uint32Array }> {
  const numbers = new GrowingUint32(table.count + 1);
  for (let i = 0; i < table.count; i++) if (used[i] === 1) numbers.push(i);
  yield;
  const points = table.points;
  const starts = table.starts;
  const source: WordTable = { count: table.count, points, starts };
  const order = yield* sortSteps(numbers.trimmed(), (a, b) => compareWords(source, a, b));
  const renumbered = new Uint32Array(table.count);
  const sortedPoints = new GrowingUint32();
  const sortedStarts = new GrowingUint32();
  sortedStarts.push(0);
  for (let i = 0; i < order.length; i++) {
    const word = order[i] as number;
    if (i === 0 || compareWords(source, order[i - 1] as number, word) !== 0) {
      for (let p = starts[word] as number; p < (starts[word + 1] as number); p++)
        sortedPoints.push(points[p] as number);
      sortedStarts.push(sortedPoints.length);
    }
    renumbered[word] = sortedStarts.length - 2;
    if ((i & 2047) === 2047) yield;
  }
  return {
    words: { count: sortedStarts.length - 1, points: sortedPoints.trimmed(), starts: sortedStarts.trimmed() },
    renumbered,
  };
}
