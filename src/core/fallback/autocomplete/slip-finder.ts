import { slipBudget } from '../../autocomplete/slips';
import { GrowingUint32 } from '../growing';
import { LONGEST_TYPED, NO_WAY, SlipRows } from './slip-rows';
import { NO_NODE, type Trie } from './trie';

/**
 * Finds the words of a trie that a typed word may stand for: ranges of words with their costs, cheapest first. The walk
 * leaves a branch as soon as no cell of its row is within the budget (Ukkonen's cut-off on a trie).
 */
export class SlipFinder {
  private readonly rows = new SlipRows();
  private readonly lowsFound = new GrowingUint32(64);
  private readonly highsFound = new GrowingUint32(64);
  private readonly costsFound = new GrowingUint32(64);
  private trie!: Trie;
  private prefix = false;
  private budget = 0;
  /** Room for the points that can follow, per depth. */
  private readonly following: Uint32Array[] = [];

  /** Finds what `typed`, as a whole word or as a prefix, may stand for. */
  find(trie: Trie, typed: Uint32Array, prefix: boolean): SlipRanges {
    this.trie = trie;
    this.prefix = prefix;
    this.lowsFound.length = this.highsFound.length = this.costsFound.length = 0;
    const budget = slipBudget(typed.length);
    if (budget > 0 && typed.length <= LONGEST_TYPED && trie.words.count > 0) {
      this.rows.begin(typed, budget, prefix);
      this.budget = budget;
      this.visit(0, 0, NO_WAY, 0);
    } else if (prefix ? trie.findPrefix(typed, 0, typed.length) : trie.findWord(typed, 0, typed.length)) {
      this.found(trie.low, trie.high, 0);
    }
    return this.sorted();
  }

  /**
   * Visits a node whose row is made and reached with `edits` or more. `least` is the least cost on the way to it, when
   * prefixes count.
   */
  private visit(node: number, depth: number, least: number, edits: number): void {
    const { trie, rows } = this;
    const low = trie.lows[node] as number;
    const high = trie.highs[node] as number;
    if (high - low === 1) {
      this.visitTail(low, depth, least);
      return;
    }
    const cost = rows.costAt(depth);
    if (this.prefix) {
      if (cost < least) {
        this.found(low, high, cost);
        if (cost === 0) return;
        least = cost;
      }
    } else if (cost < NO_WAY && this.lengthOf(low) === depth) this.found(low, low + 1, cost);
    if (edits === this.budget) {
      this.visitFollowing(node, depth, least);
      return;
    }
    const end = trie.children[node + 1] as number;
    for (let child = trie.children[node] as number; child < end; child++) {
      if (!rows.canReach(depth, trie.masks[child] as number)) continue;
      const spent = rows.step(depth + 1, trie.points[child] as number);
      if (spent >= 0) this.visit(child, depth + 1, least, spent);
    }
  }

  /** With all edits spent only few children can follow: they are looked up, rather than all tried. */
  private visitFollowing(node: number, depth: number, least: number): void {
    const points = (this.following[depth] ??= new Uint32Array(16));
    const count = this.rows.nextPoints(depth, points);
    for (let i = 0; i < count; i++) {
      const point = points[i] as number;
      if (points.indexOf(point) < i) continue;
      const child = this.trie.childOf(node, point);
      if (child === NO_NODE || !this.rows.canReach(depth, this.trie.masks[child] as number)) continue;
      const spent = this.rows.step(depth + 1, point);
      if (spent >= 0) this.visit(child, depth + 1, least, spent);
    }
  }

  /** The rest of a word that shares its beginning with no other. */
  private visitTail(word: number, from: number, least: number): void {
    const { rows } = this;
    const start = this.trie.words.starts[word] as number;
    const length = this.lengthOf(word);
    let best = least;
    for (let depth = from; ; depth++) {
      if (this.prefix || depth === length) best = Math.min(best, rows.costAt(depth));
      if (depth === length || rows.step(depth + 1, this.trie.words.points[start + depth] as number) < 0) break;
    }
    if (best < least) this.found(word, word + 1, best);
  }

  private lengthOf(word: number): number {
    return (this.trie.words.starts[word + 1] as number) - (this.trie.words.starts[word] as number);
  }

  private found(low: number, high: number, cost: number): void {
    this.lowsFound.push(low);
    this.highsFound.push(high);
    this.costsFound.push(cost);
  }

  private sorted(): SlipRanges {
    const count = this.costsFound.length;
    const order = Array.from({ length: count }, (_, i) => i);
    const costs = this.costsFound.values;
    order.sort((a, b) => (costs[a] as number) - (costs[b] as number));
    return {
      count,
      lows: Uint32Array.from(order, (i) => this.lowsFound.values[i] as number),
      highs: Uint32Array.from(order, (i) => this.highsFound.values[i] as number),
      costs: Uint8Array.from(order, (i) => costs[i] as number),
    };
  }
}

/** Ranges of words with costs, ascending by cost. A word may be in several; the first counts. */
export interface SlipRanges {
  readonly count: number;
  readonly lows: Uint32Array;
  readonly highs: Uint32Array;
  readonly costs: Uint8Array;
}
