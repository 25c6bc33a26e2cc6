import { GrowingUint32 } from '../growing';
import type { Steps } from '../steps';
import type { WordTable } from './word-table';

/** No node: the prefix goes on inside the only word that has it. */
export const NO_NODE = 0xffffffff;

/**
 * A trie over sorted words, nodes in breadth-first order, in typed arrays. A node is the range of words that share its
 * prefix; ranges of one word have no children, the rest of such a word is read from the word table.
 */
export class Trie {
  /** Range of words found last by `findPrefix` or `findWord`. */
  low = 0;
  high = 0;
  /** Node found last, or NO_NODE. */
  node = 0;

  constructor(
    readonly words: WordTable,
    /** The words of node k are `lows[k]..highs[k]`. */
    readonly lows: Uint32Array,
    readonly highs: Uint32Array,
    /** The children of node k are the nodes `children[k]..children[k + 1]`. */
    readonly children: Uint32Array,
    /** The code point that leads into node k. */
    readonly points: Uint32Array,
    /** Which code points occur in the words of node k from that one on: a bit each, by `pointBit`. */
    readonly masks: Uint32Array,
  ) {}

  /** Finds the words that begin with `points[from..to)`. */
  findPrefix(points: Uint32Array, from: number, to: number): boolean {
    let node = 0;
    let at = from;
    while (at < to) {
      if ((this.highs[node] as number) - (this.lows[node] as number) <= 1)
        return this.findInTail(node, points, from, at, to);
      node = this.childOf(node, points[at] as number);
      if (node === NO_NODE) return false;
      at++;
    }
    this.low = this.lows[node] as number;
    this.high = this.highs[node] as number;
    this.node = node;
    return this.low < this.high;
  }

  /** Finds the word `points[from..to)`. */
  findWord(points: Uint32Array, from: number, to: number): boolean {
    if (!this.findPrefix(points, from, to)) return false;
    // The shortest of the words with a prefix comes first.
    this.high = this.low + 1;
    this.node = NO_NODE;
    return (this.words.starts[this.low + 1] as number) - (this.words.starts[this.low] as number) === to - from;
  }

  bytes(): number {
    return 4 * (this.lows.length * 5 + this.words.points.length + this.words.starts.length);
  }

  private findInTail(node: number, points: Uint32Array, from: number, at: number, to: number): boolean {
    const word = this.lows[node] as number;
    if (word >= (this.highs[node] as number)) return false;
    const start = this.words.starts[word] as number;
    if ((this.words.starts[word + 1] as number) - start < to - from) return false;
    for (let i = at; i < to; i++) if (this.words.points[start + i - from] !== points[i]) return false;
    this.low = word;
    this.high = word + 1;
    this.node = NO_NODE;
    return true;
  }

  /** The child that a code point leads to, or NO_NODE. */
  childOf(node: number, point: number): number {
    let low = this.children[node] as number;
    const end = this.children[node + 1] as number;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.points[middle] as number) < point) low = middle + 1;
      else high = middle;
    }
    return low < end && this.points[low] === point ? low : NO_NODE;
  }
}

/** The bit of a code point in a mask: letters a-z have one of their own, others share. */
export function pointBit(point: number): number {
  return 1 << (point & 31);
}

/** Gathers masks from the leaves up: children stand behind their parents. `levels` are the first nodes of each depth. */
function* gatherMasks(
  words: WordTable,
  levels: readonly number[],
  lows: Uint32Array,
  highs: Uint32Array,
  children: Uint32Array,
  points: Uint32Array,
): Steps<Uint32Array> {
  const masks = new Uint32Array(lows.length);
  let depth = levels.length - 1;
  for (let node = lows.length - 1; node >= 0; node--) {
    while ((levels[depth] as number) > node) depth--;
    let mask = node === 0 ? 0 : pointBit(points[node] as number);
    const low = lows[node] as number;
    if ((highs[node] as number) - low === 1) {
      const end = words.starts[low + 1] as number;
      for (let i = (words.starts[low] as number) + depth; i < end; i++) mask |= pointBit(words.points[i] as number);
    }
    const end = children[node + 1] as number;
    for (let child = children[node] as number; child < end; child++) mask |= masks[child] as number;
    masks[node] = mask;
    if (node % 2048 === 0) yield;
  }
  return masks;
}

/** Builds the trie of sorted distinct words. */
export function* buildTrie(words: WordTable): Steps<Trie> {
  const lows = new GrowingUint32();
  const highs = new GrowingUint32();
  const children = new GrowingUint32();
  const points = new GrowingUint32();
  lows.push(0);
  highs.push(words.count);
  points.push(0);
  let depth = 0;
  let levelEnd = 1;
  const levels = [0];
  let work = 0;
  for (let node = 0; node < lows.length; node++) {
    if (node === levelEnd) {
      depth++;
      levels.push(node);
      levelEnd = lows.length;
    }
    children.push(lows.length);
    const high = highs.values[node] as number;
    let word = lows.values[node] as number;
    if (high - word <= 1) continue;
    // The word that is the node's prefix itself, if there is one, comes first and has no child.
    if ((words.starts[word + 1] as number) - (words.starts[word] as number) === depth) word++;
    work += high - word;
    while (word < high) {
      const point = words.points[(words.starts[word] as number) + depth] as number;
      lows.push(word);
      points.push(point);
      while (word < high && words.points[(words.starts[word] as number) + depth] === point) word++;
      highs.push(word);
    }
    if (work > 8192) {
      work = 0;
      yield;
    }
  }
  children.push(lows.length);
  const arrays = [lows, highs, children, points].map((array) => array.trimmed()) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  return new Trie(words, ...arrays, yield* gatherMasks(words, levels, ...arrays));
}
