import { type CategoryPostings, groupByCategories } from './category-postings';
import type { Draft } from './draft';
import type { EntryStore } from './entry-store';
import { buildPostings, buildShortcuts, hasBit, newBitmap, type Postings, setBit, type Shortcuts } from './postings';
import { sortSteps } from '../sort';
import { buildFirstPlaces, buildMinima, type Minima } from './start-order';
import type { Steps } from '../steps';
import { buildTrie, type Trie } from './trie';
import { sortWords, type WordTable } from './word-table';

const STEP = 4096;

/**
 * An immutable part of the index. Its entries are numbered by rank, best first, so that the first hits found in ascending
 * order are the answer (the idea of rank-ordered document numbers: Gog, Pibiri, Venturini, "Efficient and Effective
 * Query Auto-Completion", SIGIR 2020). Only `dead` changes: entries that were deleted or replaced since.
 */
export interface SegmentParts {
  readonly slots: Uint32Array;
  readonly words: WordTable;
  readonly forward: Uint32Array;
  readonly forwardStarts: Uint32Array;
  readonly startCounts: Uint32Array;
  readonly postings: Postings;
  readonly trie: Trie;
  readonly shortcuts: Shortcuts;
  /** Ranks in the order of their starts (sequences of word numbers), where first words begin in it, and its minima. */
  readonly byStart: Uint32Array;
  readonly firstPlaces: Uint32Array;
  readonly minima: Minima;
  /** Ranks of the entries with a price, by price. */
  readonly byPrice: Uint32Array;
  /** Their prices. The segment's own: the slot of a dead entry may have another's price by now. */
  readonly prices: Float64Array;
  readonly categories: CategoryPostings;
  readonly inStock: Uint32Array;
  readonly inStockCount: number;
}

export class Segment implements SegmentParts {
  readonly size: number;
  readonly slots: Uint32Array;
  readonly words: WordTable;
  readonly forward: Uint32Array;
  readonly forwardStarts: Uint32Array;
  readonly startCounts: Uint32Array;
  readonly postings: Postings;
  readonly trie: Trie;
  readonly shortcuts: Shortcuts;
  readonly byStart: Uint32Array;
  readonly firstPlaces: Uint32Array;
  readonly minima: Minima;
  readonly byPrice: Uint32Array;
  readonly prices: Float64Array;
  readonly categories: CategoryPostings;
  readonly inStock: Uint32Array;
  readonly inStockCount: number;
  readonly dead: Uint32Array;
  deadCount = 0;

  constructor(parts: SegmentParts) {
    this.size = parts.slots.length;
    this.slots = parts.slots;
    this.words = parts.words;
    this.forward = parts.forward;
    this.forwardStarts = parts.forwardStarts;
    this.startCounts = parts.startCounts;
    this.postings = parts.postings;
    this.trie = parts.trie;
    this.shortcuts = parts.shortcuts;
    this.byStart = parts.byStart;
    this.firstPlaces = parts.firstPlaces;
    this.minima = parts.minima;
    this.byPrice = parts.byPrice;
    this.prices = parts.prices;
    this.categories = parts.categories;
    this.inStock = parts.inStock;
    this.inStockCount = parts.inStockCount;
    this.dead = newBitmap(this.size);
  }

  isAlive(rank: number): boolean {
    return this.deadCount === 0 || !hasBit(this.dead, rank);
  }

  kill(rank: number): void {
    if (hasBit(this.dead, rank)) return;
    setBit(this.dead, rank);
    this.deadCount++;
  }

  /** Whether a word in `low..high` is among the words of an entry. */
  hasWord(rank: number, low: number, high: number): boolean {
    const end = this.forwardStarts[rank + 1] as number;
    for (let i = this.forwardStarts[rank] as number; i < end; i++) {
      const word = this.forward[i] as number;
      if (word >= low && word < high) return true;
    }
    return false;
  }

  bytes(): number {
    const { best, listOfNode, bitsOfNode, bitsOfWord } = this.shortcuts;
    const numbers =
      this.slots.length * 2 +
      this.forward.length +
      this.forwardStarts.length +
      this.postings.ranks.length +
      this.postings.starts.length +
      this.byStart.length +
      this.firstPlaces.length +
      this.byPrice.length * 3 +
      best.length +
      listOfNode.length +
      this.dead.length * (2 + bitsOfNode.size + bitsOfWord.size);
    return numbers * 4 + this.startCounts.length * 4 + this.trie.bytes() + this.categories.bytes();
  }
}

function compareStarts(draft: Draft, a: number, b: number): number {
  const { forward, forwardStarts, startCounts } = draft;
  const lengthA = startCounts[a] as number;
  const lengthB = startCounts[b] as number;
  const shift = (forwardStarts[b] as number) - (forwardStarts[a] as number);
  const from = forwardStarts[a] as number;
  for (let i = from, end = from + Math.min(lengthA, lengthB); i < end; i++) {
    const difference = (forward[i] as number) - (forward[i + shift] as number);
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}

/** Renumbers the words of a draft into their sorted order, in place. */
function* sortDraftWords(draft: Draft): Steps<WordTable> {
  const { forward } = draft;
  const used = new Uint8Array(draft.words.count);
  for (let i = 0; i < forward.length; i++) {
    used[forward[i] as number] = 1;
    if ((i & 0xffff) === 0xffff) yield;
  }
  const { words, renumbered } = yield* sortWords(draft.words, used);
  for (let i = 0; i < forward.length; i++) {
    forward[i] = renumbered[forward[i] as number] as number;
    if ((i & 0xffff) === 0xffff) yield;
  }
  return words;
}

/** Builds a segment. The draft's arrays become its own. */
export function* buildSegment(store: EntryStore, draft: Draft): Steps<Segment> {
  const words = yield* sortDraftWords(draft);
  const postings = yield* buildPostings(draft, words.count);
  const trie = yield* buildTrie(words);
  const shortcuts = yield* buildShortcuts(trie, postings, draft.slots.length);
  const byStart = yield* sortSteps(draft.byStart, (a, b) => compareStarts(draft, a, b));
  const { slots } = draft;
  const byPrice = yield* sortSteps(
    draft.byPrice,
    (a, b) => (store.prices[slots[a] as number] as number) - (store.prices[slots[b] as number] as number),
  );
  const categories = yield* groupByCategories(store, slots);
  const prices = new Float64Array(byPrice.length);
  const inStock = newBitmap(slots.length);
  let inStockCount = 0;
  for (let i = 0; i < slots.length; i++) {
    if (i < prices.length) prices[i] = store.prices[slots[byPrice[i] as number] as number] as number;
    if (store.inStock[slots[i] as number] === 1) {
      setBit(inStock, i);
      inStockCount++;
    }
    if (i % STEP === 0) yield;
  }
  return new Segment({
    slots,
    words,
    forward: draft.forward,
    forwardStarts: draft.forwardStarts,
    startCounts: draft.startCounts,
    postings,
    trie,
    shortcuts,
    byStart,
    firstPlaces: yield* buildFirstPlaces(draft, byStart, words.count),
    minima: buildMinima(byStart),
    byPrice,
    prices,
    categories,
    inStock,
    inStockCount,
  });
}
