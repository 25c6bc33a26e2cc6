import type { EntryStore } from './entry-store';
import { GrowingUint32 } from '../growing';
import type { Segment } from './segment';
import { sortSteps } from '../sort';
import type { Steps } from '../steps';
import { type WordTable, WordTableBuilder } from './word-table';
import { collectWords } from './words';

const STEP = 512;

/** What a segment is built from: entries in rank order with their words, which are not sorted yet and may repeat. */
export interface Draft {
  readonly words: WordTable;
  /** Slot by rank. */
  readonly slots: Uint32Array;
  /** The words of rank r, those of its start first and in order, are `forward[forwardStarts[r]..forwardStarts[r + 1])`. */
  readonly forward: Uint32Array;
  readonly forwardStarts: Uint32Array;
  /** How many words the start of rank r has. */
  readonly startCounts: Uint32Array;
  /** Ranks in an order that is close to that of their starts, so that sorting them is cheap. */
  readonly byStart: Uint32Array;
  /** Ranks of entries with a price, close to the order of their prices. */
  readonly byPrice: Uint32Array;
}

function identity(size: number): Uint32Array {
  const numbers = new Uint32Array(size);
  for (let i = 0; i < size; i++) numbers[i] = i;
  return numbers;
}

/** Drafts a segment from entries: sorts them by rank and splits their texts into words. */
export function* draftEntries(
  store: EntryStore,
  unsorted: Uint32Array,
  onProgress: (done: number) => void,
): Steps<Draft> {
  const slots = yield* sortSteps(unsorted, (a, b) => store.compare(a, b));
  const table = new WordTableBuilder();
  const numbers = new Map<string, number>();
  const forward = new GrowingUint32(slots.length * 8);
  const forwardStarts = new Uint32Array(slots.length + 1);
  const startCounts = new Uint32Array(slots.length);
  const byPrice = new GrowingUint32();
  const words: string[] = [];
  const take = (rank: number): void => {
    const slot = slots[rank] as number;
    startCounts[rank] = collectWords(store.texts[slot] as string, store.analyses[slot] as string | null, words);
    for (const word of words) {
      let number = numbers.get(word);
      if (number === undefined) {
        number = table.add(word);
        numbers.set(word, number);
      }
      forward.push(number);
    }
    forwardStarts[rank + 1] = forward.length;
    if (!Number.isNaN(store.prices[slot])) byPrice.push(rank);
  };
  for (let rank = 0; rank < slots.length;) {
    for (const end = Math.min(rank + STEP, slots.length); rank < end; rank++) take(rank);
    onProgress(rank);
    yield;
  }
  return {
    words: table,
    slots,
    forward: forward.trimmed(),
    forwardStarts,
    startCounts,
    byStart: identity(slots.length),
    byPrice: byPrice.trimmed(),
  };
}

/** A draft merged from segments, with where the entries went: `moved[i][rank]` is the new rank of segment i's rank. */
export interface MergedDraft {
  readonly draft: Draft;
  readonly moved: readonly Uint32Array[];
}

/** The rank of an entry that was already deleted when its segment was merged. */
export const GONE = 0xffffffff;

/**
 * Drafts a segment from the living entries of others. Their orders and sorted words are laid end to end: what the
 * sorts then meet is a few sorted runs, which they merge in a few passes.
 */
export function* draftMerge(store: EntryStore, sources: readonly Segment[]): Steps<MergedDraft> {
  const origins = new GrowingUint32();
  const bases: number[] = [];
  let base = 0;
  let total = 0;
  for (const source of sources) {
    bases.push(base);
    for (let rank = 0; rank < source.size; rank++) {
      if (source.isAlive(rank)) {
        origins.push(base + rank);
        total += (source.forwardStarts[rank + 1] as number) - (source.forwardStarts[rank] as number);
      }
      if ((rank & 8191) === 8191) yield;
    }
    base += source.size;
  }
  const slotOf = new Uint32Array(base);
  sources.forEach((source, i) => slotOf.set(source.slots, bases[i]));
  const order = yield* sortSteps(origins.trimmed(), (a, b) => store.compare(slotOf[a] as number, slotOf[b] as number));
  const moved = sources.map((source) => new Uint32Array(source.size).fill(GONE));
  const words = new WordTableBuilder();
  const wordBases = sources.map((source) => {
    const first = words.count;
    words.addFrom(source.words, 0, source.words.count);
    return first;
  });
  yield;
  const size = order.length;
  const slots = new Uint32Array(size);
  const forward = new Uint32Array(total);
  let at = 0;
  const forwardStarts = new Uint32Array(size + 1);
  const startCounts = new Uint32Array(size);
  for (let rank = 0; rank < size; rank++) {
    const origin = order[rank] as number;
    let i = sources.length - 1;
    while ((bases[i] as number) > origin) i--;
    const source = sources[i] as Segment;
    const old = origin - (bases[i] as number);
    (moved[i] as Uint32Array)[old] = rank;
    slots[rank] = slotOf[origin] as number;
    startCounts[rank] = source.startCounts[old] as number;
    const end = source.forwardStarts[old + 1] as number;
    for (let p = source.forwardStarts[old] as number; p < end; p++) {
      forward[at++] = (source.forward[p] as number) + (wordBases[i] as number);
    }
    forwardStarts[rank + 1] = at;
    if ((rank & 2047) === 2047) yield;
  }
  const follow = function* (orders: readonly Uint32Array[]): Steps<Uint32Array> {
    const ranks = new GrowingUint32(size);
    for (let i = 0; i < orders.length; i++) {
      const old = orders[i] as Uint32Array;
      const to = moved[i] as Uint32Array;
      for (let place = 0; place < old.length; place++) {
        const rank = to[old[place] as number] as number;
        if (rank !== GONE) ranks.push(rank);
        if ((place & 4095) === 4095) yield;
      }
    }
    return ranks.trimmed();
  };
  const byStart = yield* follow(sources.map((source) => source.byStart));
  const byPrice = yield* follow(sources.map((source) => source.byPrice));
  return { draft: { words, slots, forward, forwardStarts, startCounts, byStart, byPrice }, moved };
}
