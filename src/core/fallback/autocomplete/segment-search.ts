import type { EntryFilter } from './filter';
import { filterSets, priceBand, type RankSet } from './filter-sets';
import type { LeastKeys } from './least-keys';
import { denseFrom, hasBit, offerRange, TOP } from './postings';
import type { Query } from './query';
import type { Segment } from './segment';
import { compareStart, findStart, offerLeast, type StartRange } from './start-order';
import { NO_NODE } from './trie';

/** The word conditions of the alternative under search: a range of words each, in arrays that are reused. */
class WordRanges implements StartRange {
  count = 0;
  lows = new Uint32Array(16);
  highs = new Uint32Array(16);
  nodes = new Uint32Array(16);
  readonly bits: (Uint32Array | undefined)[] = [];

  /** Resolves the words of an alternative. False when one of them is in no entry of the segment. */
  resolve(segment: Segment, query: Query, alternative: number): boolean {
    const first = query.alternatives[alternative] as number;
    this.count = (query.alternatives[alternative + 1] as number) - first;
    if (this.count > this.lows.length) {
      this.lows = new Uint32Array(this.count * 2);
      this.highs = new Uint32Array(this.count * 2);
      this.nodes = new Uint32Array(this.count * 2);
    }
    const { trie } = segment;
    for (let i = 0; i < this.count; i++) {
      const from = query.starts[first + i] as number;
      const to = query.starts[first + i + 1] as number;
      const found =
        query.prefix[first + i] === 1 ? trie.findPrefix(query.points, from, to) : trie.findWord(query.points, from, to);
      if (!found) return false;
      this.lows[i] = trie.low;
      this.highs[i] = trie.high;
      this.nodes[i] = trie.node;
    }
    return true;
  }

  /** Drops words that another one implies, such as a repeated word. */
  dropImplied(): void {
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      let implied = false;
      for (let j = 0; j < this.count && !implied; j++) {
        const within =
          i !== j &&
          (this.lows[j] as number) >= (this.lows[i] as number) &&
          (this.highs[j] as number) <= (this.highs[i] as number);
        const same = this.lows[j] === this.lows[i] && this.highs[j] === this.highs[i];
        implied = within && (!same || j < i);
      }
      if (!implied) this.order[kept++] = i;
    }
    for (let i = 0; i < kept; i++) this.move(this.order[i] as number, i);
    this.count = kept;
  }

  private readonly order: number[] = [];

  private move(from: number, to: number): void {
    this.lows[to] = this.lows[from] as number;
    this.highs[to] = this.highs[from] as number;
    this.nodes[to] = this.nodes[from] as number;
  }
}

/** Exact search in one segment: offers the ranks of the best entries. Holds scratch space, so one at a time. */
export class SegmentSearch {
  private readonly ranges = new WordRanges();
  private readonly bitmaps: Uint32Array[] = [];
  private segment!: Segment;
  private filter: EntryFilter | undefined;
  private sets: readonly RankSet[] = [];
  private checksStart = false;

  /** Offers the entries that have every word of an alternative. */
  words(segment: Segment, query: Query, alternative: number, filter: EntryFilter | undefined, least: LeastKeys): void {
    if (!this.ranges.resolve(segment, query, alternative)) return;
    if (this.ranges.count > 1) this.ranges.dropImplied();
    if (this.ranges.count === 1 && !filter && this.fromSingle(segment, least)) return;
    this.begin(segment, filter, false);
    this.conjunction(least, undefined);
  }

  /**
   * The best entries for a query of one word in a segment that nothing was deleted from, where they lie ready in order:
   * their slots into `slots`. Gives how many, or -1 when they must be searched for.
   */
  ready(segment: Segment, query: Query, limit: number, slots: Uint32Array): number {
    const { trie, postings, shortcuts } = segment;
    const to = query.starts[1] as number;
    if (!(query.prefix[0] === 1 ? trie.findPrefix(query.points, 0, to) : trie.findWord(query.points, 0, to))) return 0;
    let ranks = postings.ranks;
    let at = postings.starts[trie.low] as number;
    let count = (postings.starts[trie.high] as number) - at;
    if (trie.high - trie.low > 1) {
      const list = trie.node === NO_NODE ? -1 : (shortcuts.listOfNode[trie.node] as number) - 1;
      if (list < 0) return -1;
      ranks = shortcuts.best;
      at = list * TOP;
      count = shortcuts.counts[list] as number;
      if (count < limit && count === TOP) return -1;
    }
    if (count > limit) count = limit;
    for (let i = 0; i < count; i++) slots[i] = segment.slots[ranks[at + i] as number] as number;
    return count;
  }

  /** Offers the entries whose start begins with the words of an alternative. */
  starts(segment: Segment, query: Query, alternative: number, filter: EntryFilter | undefined, least: LeastKeys): void {
    if (!this.ranges.resolve(segment, query, alternative)) return;
    const from = findStart(segment, this.ranges, 0);
    const to = findStart(segment, this.ranges, 1);
    if (from >= to) return;
    this.begin(segment, filter, true);
    if (filter && to - from > TOP) this.conjunction(least, segment.byStart.subarray(from, to));
    else offerLeast(segment.minima, from, to, least, (rank) => this.passesRest(rank));
  }

  private begin(segment: Segment, filter: EntryFilter | undefined, checksStart: boolean): void {
    this.segment = segment;
    this.filter = filter;
    this.sets = filter ? filterSets(segment, filter) : [];
    this.checksStart = checksStart;
  }

  /** One word without a filter: the best are ready or quickly merged. False when deleted entries are in the way. */
  private fromSingle(segment: Segment, least: LeastKeys): boolean {
    const { postings, shortcuts } = segment;
    const low = this.ranges.lows[0] as number;
    const high = this.ranges.highs[0] as number;
    const node = this.ranges.nodes[0] as number;
    const list = high - low > 1 && node !== NO_NODE ? (shortcuts.listOfNode[node] as number) - 1 : -1;
    if (list >= 0) {
      const count = shortcuts.counts[list] as number;
      let alive = 0;
      for (let i = list * TOP, end = i + count; i < end && alive < least.wanted; i++) {
        const rank = shortcuts.best[i] as number;
        if (!segment.isAlive(rank)) continue;
        least.offer(rank);
        alive++;
      }
      return alive >= least.wanted || count < TOP;
    }
    if (segment.deadCount > 0) return false;
    offerRange(postings, low, high, least);
    return true;
  }

  /** Offers what meets all conditions: reads the smallest set of candidates and checks the others, or meets bitmaps. */
  private conjunction(least: LeastKeys, starts: Uint32Array | undefined): void {
    const { segment, ranges } = this;
    const { postings } = segment;
    let smallest = starts ? starts.length : Infinity;
    let word = -1;
    for (let i = 0; i < ranges.count; i++) {
      const low = ranges.lows[i] as number;
      const high = ranges.highs[i] as number;
      const total = (postings.starts[high] as number) - (postings.starts[low] as number);
      ranges.bits[i] = this.bitsOf(low, high, ranges.nodes[i] as number);
      if (total < smallest) {
        smallest = total;
        word = i;
      }
    }
    let list = word < 0 ? starts : undefined;
    let sorted = false;
    for (const set of this.sets) {
      if (set.count >= smallest) continue;
      smallest = set.count;
      list = set.list;
      sorted = true;
      word = -1;
    }
    if (this.filter?.hasPrice) {
      const band = priceBand(segment, this.filter);
      if (band.length < smallest) {
        smallest = band.length;
        list = band;
        sorted = false;
        word = -1;
      }
    }
    if (smallest >= denseFrom(segment.size) && this.allDense()) this.fromBitmaps(least);
    else if (list) this.fromList(list, sorted, least);
    else this.fromPostings(Math.max(word, 0), least);
  }

  private bitsOf(low: number, high: number, node: number): Uint32Array | undefined {
    const { bitsOfWord, bitsOfNode } = this.segment.shortcuts;
    return high - low === 1 ? bitsOfWord.get(low) : bitsOfNode.get(node);
  }

  private allDense(): boolean {
    for (let i = 0; i < this.ranges.count; i++) if (!this.ranges.bits[i]) return false;
    return this.sets.every((set) => set.bits);
  }

  private fromBitmaps(least: LeastKeys): void {
    const { bitmaps } = this;
    bitmaps.length = 0;
    for (let i = 0; i < this.ranges.count; i++) bitmaps.push(this.ranges.bits[i] as Uint32Array);
    for (const set of this.sets) bitmaps.push(set.bits as Uint32Array);
    const first = bitmaps[0] as Uint32Array;
    const second = bitmaps[1] ?? first;
    for (let block = 0; block < first.length; block++) {
      let bits = (first[block] as number) & (second[block] as number);
      for (let i = 2; i < bitmaps.length && bits !== 0; i++) bits &= (bitmaps[i] as Uint32Array)[block] as number;
      while (bits !== 0) {
        const rank = block * 32 + 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        if (this.passesRest(rank) && !least.offer(rank)) return;
      }
    }
  }

  private fromList(list: Uint32Array, sorted: boolean, least: LeastKeys): void {
    for (let i = 0; i < list.length; i++) {
      const rank = list[i] as number;
      if (rank >= least.worst) {
        if (sorted) return;
        continue;
      }
      if (this.hasWords(rank, -1) && this.passesRest(rank)) least.offer(rank);
    }
  }

  private fromPostings(word: number, least: LeastKeys): void {
    const { ranks, starts } = this.segment.postings;
    const high = this.ranges.highs[word] as number;
    for (let w = this.ranges.lows[word] as number; w < high; w++) {
      const end = starts[w + 1] as number;
      for (let i = starts[w] as number; i < end; i++) {
        const rank = ranks[i] as number;
        if (rank >= least.worst) break;
        if (this.hasWords(rank, word) && this.passesRest(rank)) least.offer(rank);
      }
    }
  }

  /** Whether an entry has all the words but `except`. */
  private hasWords(rank: number, except: number): boolean {
    const { ranges } = this;
    for (let i = 0; i < ranges.count; i++) {
      if (i === except) continue;
      const bits = ranges.bits[i];
      if (bits) {
        if (!hasBit(bits, rank)) return false;
      } else if (!this.segment.hasWord(rank, ranges.lows[i] as number, ranges.highs[i] as number)) return false;
    }
    return true;
  }

  /** Whether an entry is alive, meets the filter and begins as it must. */
  private passesRest(rank: number): boolean {
    const { segment, filter } = this;
    if (!segment.isAlive(rank)) return false;
    if (filter && !filter.accepts(segment.slots[rank] as number)) return false;
    return !this.checksStart || compareStart(segment, rank, this.ranges) === 0;
  }
}
