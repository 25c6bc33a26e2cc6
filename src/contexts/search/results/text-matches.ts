import type { IdSet } from '../../../core';
import type { BitPool } from './bit-pool';
import { countBits, eachRow, hasBit, type RowSet } from './row-set';

/** Rows, ascending, and how well each matches: 0 with whole words, 1 with a word begun, more with slips. */
export interface Matches {
  readonly rows: Uint32Array;
  readonly tiers: Uint8Array;
}

/** Rows that match equally well: which they are is worked out when it is asked for, for a page seldom needs all. */
export interface Tier {
  readonly tier: number;
  ids(): IdSet;
}

/** Every row that matches a text. It holds until the next change of a text, or until it is released. */
export interface TextMatches extends Matches {
  readonly size: number;
  /** How many match as the text is spelt. */
  readonly exact: number;
  readonly ids: IdSet;
  /** The same rows by how well they match, best first. */
  readonly byTier: readonly Tier[];
  /** How well a row matches; -1 when it does not. O(log size) at most. */
  tierOf(row: number): number;
  /** Gives its memory back. */
  release(): void;
}

/** The tier of a word that is only begun. */
export const BEGUN = 1;

/** Matches as a list. */
export class ListedMatches implements TextMatches {
  #byTier: Tier[] | undefined;

  constructor(
    readonly rows: Uint32Array,
    readonly tiers: Uint8Array,
    readonly exact: number,
  ) {}

  get size(): number {
    return this.rows.length;
  }
  get ids(): IdSet {
    return this.rows;
  }
  get byTier(): readonly Tier[] {
    return (this.#byTier ??= this.#split());
  }

  tierOf(row: number): number {
    const { rows } = this;
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((rows[middle] as number) < row) low = middle + 1;
      else high = middle;
    }
    return rows[low] === row ? (this.tiers[low] as number) : -1;
  }

  release(): void {
    // A list goes with its matches.
  }

  #split(): Tier[] {
    const counts = new Uint32Array(256);
    const { tiers } = this;
    for (let i = 0; i < tiers.length; i++) counts[tiers[i] as number] = (counts[tiers[i] as number] as number) + 1;
    return Array.from(counts, (count, tier) => ({ count, tier }))
      .filter(({ count }) => count > 0)
      .map(({ count, tier }) => ({ tier, ids: () => this.#rowsOf(tier, count) }));
  }

  #rowsOf(tier: number, count: number): Uint32Array {
    const { rows, tiers } = this;
    if (count === rows.length) return rows;
    const some = new Uint32Array(count);
    let at = 0;
    for (let i = 0; i < rows.length; i++) if (tiers[i] === tier) some[at++] = rows[i] as number;
    return some;
  }
}

/** Matches of a word that nothing else was taken for: its rows as they are kept, nothing of them copied. */
export class WordMatches implements TextMatches {
  #listed: Matches | undefined;

  constructor(
    private readonly posting: RowSet,
    private readonly tier: number,
  ) {}

  get size(): number {
    return this.posting.size;
  }
  get exact(): number {
    return this.size;
  }
  get ids(): IdSet {
    return this.posting.ids;
  }
  get rows(): Uint32Array {
    return this.#list().rows;
  }
  get tiers(): Uint8Array {
    return this.#list().tiers;
  }
  get byTier(): readonly Tier[] {
    return [{ tier: this.tier, ids: () => this.ids }];
  }

  tierOf(row: number): number {
    return this.posting.has(row) ? this.tier : -1;
  }

  release(): void {
    // The rows belong to the word.
  }

  #list(): Matches {
    const { posting, tier } = this;
    return (this.#listed ??= { rows: posting.toList(), tiers: new Uint8Array(posting.size).fill(tier) });
  }
}

/** Matches of a single word that is begun by many: a bit for each row, among them those that have the word whole. */
export class BegunMatches implements TextMatches {
  readonly size: number;
  #list: Matches | undefined;
  /** Of the rows that have the word only begun. */
  #others: Uint32Array<ArrayBuffer> | undefined;

  /** `owned` bits come from the pool. */
  constructor(
    private readonly pool: BitPool,
    private readonly bits: Uint32Array,
    private readonly whole: RowSet | undefined,
    private readonly owned: Uint32Array<ArrayBuffer> | undefined,
    size?: number,
  ) {
    this.size = size ?? countBits(bits);
  }

  get exact(): number {
    return this.size;
  }
  get ids(): IdSet {
    return { bits: this.bits };
  }
  get rows(): Uint32Array {
    return this.#listed().rows;
  }
  get tiers(): Uint8Array {
    return this.#listed().tiers;
  }
  get byTier(): readonly Tier[] {
    const { whole } = this;
    if (!whole) return [{ tier: BEGUN, ids: () => this.ids }];
    return [
      { tier: 0, ids: () => whole.ids },
      { tier: BEGUN, ids: () => ({ bits: (this.#others ??= this.#without(whole)) }) },
    ];
  }

  release(): void {
    for (const bits of [this.owned, this.#others]) if (bits) this.pool.give(bits);
  }

  tierOf(row: number): number {
    if (!hasBit(this.bits, row)) return -1;
    return this.whole?.has(row) ? 0 : BEGUN;
  }

  #without(whole: RowSet): Uint32Array<ArrayBuffer> {
    const bits = this.pool.take(this.bits.length * 32);
    bits.set(this.bits);
    whole.clearIn(bits);
    return bits;
  }

  #listed(): Matches {
    if (this.#list) return this.#list;
    const rows = new Uint32Array(this.size);
    let at = 0;
    eachRow(this.bits, (row) => (rows[at++] = row));
    const tiers = new Uint8Array(rows.length);
    for (let i = 0; i < rows.length; i++) tiers[i] = this.whole?.has(rows[i] as number) ? 0 : BEGUN;
    return (this.#list = { rows, tiers });
  }
}

/** What matches where nothing does. */
export const NO_MATCHES: TextMatches = new ListedMatches(new Uint32Array(0), new Uint8Array(0), 0);
