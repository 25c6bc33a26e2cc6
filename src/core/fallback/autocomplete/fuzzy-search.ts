import type { EntryFilter } from './filter';
import { filterSets, priceBand } from './filter-sets';
import type { LeastKeys } from './least-keys';
import type { Query } from './query';
import type { Segment } from './segment';
import { SlipFinder, type SlipRanges } from './slip-finder';

/** Stands in the spread costs for a word that is no candidate. */
const UNMATCHED = 255;
/** Words of a query whose costs are spread; beyond, which no person types, ranges are searched one by one. */
const SPREAD_WORDS = 16;

/** Search with slips in one segment: offers slip × 2^32 + rank. Holds scratch space, so one at a time. */
export class FuzzySearch {
  private readonly finder = new SlipFinder();
  /** By word of the alternative: the ranges it may stand for, and their costs spread out by word number. */
  private ranges: SlipRanges[] = [];
  private spread: Uint8Array[] = [];
  private segment!: Segment;
  private filter: EntryFilter | undefined;

  /** Offers the entries that have every word of an alternative, give or take slips. */
  words(segment: Segment, query: Query, alternative: number, filter: EntryFilter | undefined, least: LeastKeys): void {
    const first = query.alternatives[alternative] as number;
    const end = query.alternatives[alternative + 1] as number;
    this.ranges.length = 0;
    for (let word = first; word < end; word++) {
      const ranges = this.finder.find(segment.trie, query.pointsOf(word), query.prefix[word] === 1);
      if (ranges.count === 0) return;
      this.ranges.push(ranges);
    }
    this.segment = segment;
    this.filter = filter;
    const list = filter ? this.smallFilterList(filter) : undefined;
    if (this.ranges.length === 1 && !list) {
      this.fromRanges(0, 0, false, least);
      return;
    }
    this.spreadCosts();
    if (list) this.fromList(list, least);
    else this.fromSmallest(least);
    this.clearCosts();
  }

  /** How many postings the ranges of a word have. */
  private totalOf(word: number): number {
    const { starts } = this.segment.postings;
    const { count, lows, highs } = this.ranges[word] as SlipRanges;
    let total = 0;
    for (let i = 0; i < count; i++)
      total += (starts[highs[i] as number] as number) - (starts[lows[i] as number] as number);
    return total;
  }

  private smallestWord(): number {
    let smallest = 0;
    for (let i = 1; i < this.ranges.length; i++) if (this.totalOf(i) < this.totalOf(smallest)) smallest = i;
    return smallest;
  }

  /** The filter's candidates when they are fewer than those of any word. */
  private smallFilterList(filter: EntryFilter): Uint32Array | undefined {
    let list: Uint32Array | undefined;
    let smallest = this.totalOf(this.smallestWord());
    for (const set of filterSets(this.segment, filter)) {
      if (!set.list || set.count >= smallest) continue;
      smallest = set.count;
      list = set.list;
    }
    if (!filter.hasPrice) return list;
    const band = priceBand(this.segment, filter);
    return band.length < smallest ? band : list;
  }

  private fromSmallest(least: LeastKeys): void {
    const word = this.smallestWord();
    let others = 0;
    this.ranges.forEach((ranges, i) => (others += i === word ? 0 : (ranges.costs[0] as number)));
    this.fromRanges(word, others, true, least);
  }

  /** Reads the postings of a word's ranges, cheapest first. `others`: the least the other words cost. */
  private fromRanges(word: number, others: number, several: boolean, least: LeastKeys): void {
    const { segment, filter } = this;
    const { ranks, starts } = segment.postings;
    const { count, lows, highs, costs } = this.ranges[word] as SlipRanges;
    for (let i = 0; i < count; i++) {
      const cost = costs[i] as number;
      const lowest = (cost + others) * 0x100000000;
      if (lowest >= least.worst) return;
      for (let w = lows[i] as number, high = highs[i] as number; w < high; w++) {
        const end = starts[w + 1] as number;
        for (let p = starts[w] as number; p < end; p++) {
          const rank = ranks[p] as number;
          if (lowest + rank >= least.worst) break;
          if (!segment.isAlive(rank) || (filter && !filter.accepts(segment.slots[rank] as number))) continue;
          const slip = several ? this.slipOf(rank) : cost;
          if (slip >= 0) least.offerSlip(slip, rank);
        }
      }
    }
  }

  private fromList(list: Uint32Array, least: LeastKeys): void {
    const { segment, filter } = this;
    for (const rank of list) {
      if (!segment.isAlive(rank) || (filter && !filter.accepts(segment.slots[rank] as number))) continue;
      const slip = this.slipOf(rank);
      if (slip >= 0) least.offerSlip(slip, rank);
    }
  }

  /** The sum over the words of the alternative of the least cost of a word of the entry; -1 when one has none. */
  private slipOf(rank: number): number {
    const { forward, forwardStarts } = this.segment;
    const from = forwardStarts[rank] as number;
    const end = forwardStarts[rank + 1] as number;
    let sum = 0;
    for (let i = 0; i < this.ranges.length; i++) {
      let cost = UNMATCHED;
      if (i < SPREAD_WORDS) {
        const costs = this.spread[i] as Uint8Array;
        for (let p = from; p < end; p++) cost = Math.min(cost, costs[forward[p] as number] as number);
      } else {
        for (let p = from; p < end; p++) cost = Math.min(cost, this.searchCost(i, forward[p] as number));
      }
      if (cost === UNMATCHED) return -1;
      sum += cost;
    }
    return sum;
  }

  private searchCost(typedWord: number, word: number): number {
    const { count, lows, highs, costs } = this.ranges[typedWord] as SlipRanges;
    for (let i = 0; i < count; i++) {
      if (word >= (lows[i] as number) && word < (highs[i] as number)) return costs[i] as number;
    }
    return UNMATCHED;
  }

  private spreadCosts(): void {
    const words = this.segment.words.count;
    this.ranges.slice(0, SPREAD_WORDS).forEach((ranges, i) => {
      let costs = this.spread[i];
      if (!costs || costs.length < words) costs = this.spread[i] = new Uint8Array(words).fill(UNMATCHED);
      for (let r = ranges.count - 1; r >= 0; r--)
        costs.fill(ranges.costs[r] as number, ranges.lows[r], ranges.highs[r]);
    });
  }

  private clearCosts(): void {
    this.ranges.slice(0, SPREAD_WORDS).forEach((ranges, i) => {
      for (let r = 0; r < ranges.count; r++) this.spread[i]?.fill(UNMATCHED, ranges.lows[r], ranges.highs[r]);
    });
  }
}
