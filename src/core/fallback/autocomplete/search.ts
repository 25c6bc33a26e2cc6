import { SearchFlag } from '../../autocomplete/engine';
import { BestEntries } from './best-entries';
import { EntryFilter } from './filter';
import { FuzzySearch } from './fuzzy-search';
import { LeastKeys } from './least-keys';
import type { LiveIndex } from './live-index';
import type { Query } from './query';
import type { Segment } from './segment';
import { SegmentSearch } from './segment-search';

/** Most entries the memtable or several segments may need room for. */
const SCRATCH = 1024;

/** Searches all parts of an index and puts the best of their answers in order. */
export class Search {
  readonly filter: EntryFilter;
  private readonly exact = new SegmentSearch();
  private readonly fuzzy = new FuzzySearch();
  private readonly least = new LeastKeys(SCRATCH);
  private readonly best: BestEntries;

  constructor(
    private readonly index: LiveIndex,
    private readonly slots: Uint32Array,
    private readonly slips: Uint32Array,
  ) {
    this.filter = new EntryFilter(index.store);
    this.best = new BestEntries(index.store, slots, slips);
  }

  /** Puts the best `limit` answers to a query into the slots and slips; returns how many. */
  run(query: Query, limit: number, flags: number): number {
    const wanted = Math.min(limit, this.slots.length);
    const starts = (flags & SearchFlag.PREFIX) !== 0;
    const filter = (flags & SearchFlag.FILTER) !== 0 ? this.filter : undefined;
    filter?.refresh();
    const count = this.runExact(query, wanted, starts, filter);
    if (count >= wanted || starts || (flags & SearchFlag.FUZZY) === 0 || !query.maySlip) return count;
    return this.runFuzzy(query, wanted, filter);
  }

  private runExact(query: Query, limit: number, starts: boolean, filter: EntryFilter | undefined): number {
    const { segments, memtable } = this.index;
    const { best, least, exact } = this;
    const only = segments.length === 1 && memtable.alive === 0 ? (segments[0] as Segment) : undefined;
    if (only && only.deadCount === 0 && !starts && !filter && query.words === 1) {
      const count = exact.ready(only, query, limit, this.slots);
      for (let i = 0; i < count; i++) this.slips[i] = 0;
      if (count >= 0) return count;
    }
    best.reset(limit);
    for (const segment of segments) {
      least.reset(limit);
      for (let alternative = 0; alternative + 1 < query.alternatives.length; alternative++) {
        if (starts) exact.starts(segment, query, alternative, filter, least);
        else exact.words(segment, query, alternative, filter, least);
      }
      if (only) return this.copyRanks(only);
      for (let i = 0; i < least.count; i++) {
        if (!best.offer(segment.slots[least.keys[i] as number] as number, 0)) break;
      }
    }
    if (memtable.alive === 0) return best.count;
    for (let alternative = 0; alternative + 1 < query.alternatives.length; alternative++) {
      if (starts) memtable.offerStarts(query, alternative, filter, best);
      else memtable.offerWords(query, alternative, filter, false, best);
    }
    return best.count;
  }

  /** The answer of the only segment is the answer, in order. */
  private copyRanks(segment: Segment): number {
    const { keys, count } = this.least;
    for (let i = 0; i < count; i++) {
      this.slots[i] = segment.slots[keys[i] as number] as number;
      this.slips[i] = 0;
    }
    return count;
  }

  private runFuzzy(query: Query, limit: number, filter: EntryFilter | undefined): number {
    const { segments, memtable } = this.index;
    const { best, least, fuzzy } = this;
    best.reset(limit);
    for (let alternative = 0; alternative + 1 < query.alternatives.length; alternative++) {
      if (memtable.alive > 0) memtable.offerWords(query, alternative, filter, true, best);
    }
    for (const segment of segments) {
      least.reset(limit);
      for (let alternative = 0; alternative + 1 < query.alternatives.length; alternative++) {
        fuzzy.words(segment, query, alternative, filter, least);
      }
      for (let i = 0; i < least.count; i++) {
        const key = least.keys[i] as number;
        const slip = Math.floor(key / 0x100000000);
        if (!best.offer(segment.slots[key % 0x100000000] as number, slip)) break;
      }
    }
    return best.count;
  }
}
