import type { EntryStore } from './entry-store';
import type { Steps } from '../steps';

const STEP = 4096;

/** The entries of a segment grouped by their set of categories. */
export class CategoryPostings {
  constructor(
    /** Local number of a set by the store's number. */
    readonly locals: ReadonlyMap<number, number>,
    /** Ranks of local set i, ascending: `ranks[starts[i]..starts[i + 1])`. */
    readonly starts: Uint32Array,
    readonly ranks: Uint32Array,
  ) {}

  bytes(): number {
    return (this.starts.length + this.ranks.length) * 4 + this.locals.size * 32;
  }
}

/** Groups ranks by category set, by counting. */
export function* groupByCategories(store: EntryStore, slots: Uint32Array): Steps<CategoryPostings> {
  const locals = new Map<number, number>();
  const localOf = new Uint32Array(slots.length);
  const counts: number[] = [];
  for (let rank = 0; rank < slots.length; rank++) {
    const set = store.categorySets[slots[rank] as number] as number;
    let local = locals.get(set);
    if (local === undefined) {
      local = counts.length;
      locals.set(set, local);
      counts.push(0);
    }
    localOf[rank] = local;
    counts[local] = (counts[local] as number) + 1;
    if (rank % STEP === 0) yield;
  }
  const starts = new Uint32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) starts[i + 1] = (starts[i] as number) + (counts[i] as number);
  const next = starts.slice();
  const ranks = new Uint32Array(slots.length);
  for (let rank = 0; rank < slots.length; rank++) {
    const local = localOf[rank] as number;
    const at = next[local] as number;
    ranks[at] = rank;
    next[local] = at + 1;
    if (rank % STEP === 0) yield;
  }
  return new CategoryPostings(locals, starts, ranks);
}
