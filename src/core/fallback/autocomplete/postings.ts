import type { Draft } from './draft';
import { LeastKeys } from './least-keys';
import type { Steps } from '../steps';
import type { Trie } from './trie';

/** How many of the best entries of a crowded prefix are kept ready. */
export const TOP = 24;
/** A prefix of more words than this is crowded; fewer are merged as fast as a list is read. */
const CROWDED_WORDS = 4;
/** Sets below this size are walked as lists even where they are dense. */
const LEAST_DENSE = 1024;
const STEP = 8192;

/** From which size a set of an index of `size` entries is also kept as a bitmap: where the bitmap is no larger than the list. */
export function denseFrom(size: number): number {
  return Math.max(LEAST_DENSE, size >>> 5);
}

export function newBitmap(size: number): Uint32Array {
  return new Uint32Array((size + 31) >>> 5);
}

export function setBit(bits: Uint32Array, rank: number): void {
  bits[rank >>> 5] = (bits[rank >>> 5] as number) | (1 << (rank & 31));
}

export function hasBit(bits: Uint32Array, rank: number): boolean {
  return (((bits[rank >>> 5] as number) >>> (rank & 31)) & 1) === 1;
}

/** Ranks by word: those of word w are `ranks[starts[w]..starts[w + 1])`, ascending. */
export interface Postings {
  readonly ranks: Uint32Array;
  readonly starts: Uint32Array;
}

/** What is computed ahead for crowded prefixes and frequent words. */
export interface Shortcuts {
  /** By trie node: 0, or 1 + the number of its list of best ranks. */
  readonly listOfNode: Uint32Array;
  /** The best ranks of list i are `best[i * TOP..i * TOP + counts[i])`. */
  readonly best: Uint32Array;
  readonly counts: Uint8Array;
  readonly bitsOfNode: Map<number, Uint32Array>;
  readonly bitsOfWord: Map<number, Uint32Array>;
}

/** Inverts the draft's forward index. Ranks are visited ascending, so every list comes out ascending. */
export function* buildPostings(draft: Draft, words: number): Steps<Postings> {
  const { forward, forwardStarts } = draft;
  const size = draft.slots.length;
  const starts = new Uint32Array(words + 1);
  const seen = new Uint32Array(words);
  const visit = function* (each: (word: number, rank: number) => void): Steps<void> {
    seen.fill(0xffffffff);
    for (let rank = 0, next = STEP; rank < size; rank++) {
      const end = forwardStarts[rank + 1] as number;
      for (let i = forwardStarts[rank] as number; i < end; i++) {
        const word = forward[i] as number;
        if (seen[word] === rank) continue;
        seen[word] = rank;
        each(word, rank);
      }
      if (end >= next) {
        next = end + STEP;
        yield;
      }
    }
  };
  yield* visit((word) => {
    starts[word + 1] = (starts[word + 1] as number) + 1;
  });
  for (let word = 0; word < words; word++) starts[word + 1] = (starts[word + 1] as number) + (starts[word] as number);
  yield;
  const ranks = new Uint32Array(starts[words] as number);
  const next = starts.slice();
  yield* visit((word, rank) => {
    const at = next[word] as number;
    ranks[at] = rank;
    next[word] = at + 1;
  });
  return { ranks, starts };
}

function bitmapOf(postings: Postings, low: number, high: number, size: number): Uint32Array {
  const bits = newBitmap(size);
  const end = postings.starts[high] as number;
  for (let i = postings.starts[low] as number; i < end; i++) setBit(bits, postings.ranks[i] as number);
  return bits;
}

/** Offers the ranks of a range of words to `least`, leaving each list at the first rank that is too large. */
export function offerRange(postings: Postings, low: number, high: number, least: LeastKeys): void {
  const { ranks, starts } = postings;
  for (let word = low; word < high; word++) {
    const end = starts[word + 1] as number;
    for (let i = starts[word] as number; i < end; i++) if (!least.offer(ranks[i] as number)) break;
  }
}

export function* buildShortcuts(trie: Trie, postings: Postings, size: number): Steps<Shortcuts> {
  const nodes = trie.lows.length;
  const dense = denseFrom(size);
  const listOfNode = new Uint32Array(nodes);
  const best: number[] = [];
  const counts: number[] = [];
  const bitsOfNode = new Map<number, Uint32Array>();
  const bitsOfWord = new Map<number, Uint32Array>();
  const least = new LeastKeys(TOP);
  let work = 0;
  for (let node = 1; node < nodes; node++) {
    const low = trie.lows[node] as number;
    const high = trie.highs[node] as number;
    const total = (postings.starts[high] as number) - (postings.starts[low] as number);
    work += 1;
    if (high - low > CROWDED_WORDS) {
      least.reset(TOP);
      offerRange(postings, low, high, least);
      counts.push(least.count);
      for (let i = 0; i < TOP; i++) best.push(i < least.count ? (least.keys[i] as number) : 0);
      listOfNode[node] = counts.length;
      work += high - low;
    }
    if (high - low > 1 && total >= dense) {
      bitsOfNode.set(node, bitmapOf(postings, low, high, size));
      work += total;
    }
    if (work > STEP) {
      work = 0;
      yield;
    }
  }
  for (let word = 0; word < trie.words.count; word++) {
    if ((postings.starts[word + 1] as number) - (postings.starts[word] as number) < dense) continue;
    bitsOfWord.set(word, bitmapOf(postings, word, word + 1, size));
    yield;
  }
  return { listOfNode, best: Uint32Array.from(best), counts: Uint8Array.from(counts), bitsOfNode, bitsOfWord };
}
