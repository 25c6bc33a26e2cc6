import type { IdSet } from '../../../core';
import type { Posting } from './posting';
import { clearBit, countBits, eachRow, hasBit } from './row-set';

/** Rows, ascending, and how well each matches: 0 with whole words, 1 with a word begun, more with slips. */
export interface Matches {
  readonly rows: Uint32Array;
  readonly tiers: Uint8Array;
}

/** Rows that match equally well. */
export interface Tier {
  readonly tier: number;
  readonly ids: IdSet;
}

/** Every row that matches a text; what it was made from holds until the next change of a text. */
export interface TextMatches extends Matches {
  readonly size: number;
  /** How many match as the text is spelt. */
  readonly exact: number;
  readonly ids: IdSet;
  /** The same rows by how well they match, best first. */
  readonly byTier: readonly Tier[];
  /** How well a row matches; -1 when it does not. O(log size) at most. */
  tierOf(row: number): number;
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

  #split(): Tier[] {
    const { rows, tiers } = this;
    const counts = new Uint32Array(256);
    for (let i = 0; i < tiers.length; i++) counts[tiers[i] as number] = (counts[tiers[i] as number] as number) + 1;
    const lists = Array.from(counts, (count) => (count > 0 ? new Uint32Array(count) : undefined));
    counts.fill(0);
    for (let i = 0; i < rows.length; i++) {
      const tier = tiers[i] as number;
      const at = counts[tier] as number;
      (lists[tier] as Uint32Array)[at] = rows[i] as number;
      counts[tier] = at + 1;
    }
    return lists.flatMap((ids, tier) => (ids ? [{ tier, ids }] : []));
  }
}

/** Matches of a single word that is begun by many: a bit for each row, among them those that have the word whole. */
export class BegunMatches implements TextMatches {
  readonly size: number;
  #list: Matches | undefined;
  #byTier: readonly Tier[] | undefined;

  constructor(
    private readonly bits: Uint32Array,
    private readonly whole: Posting | undefined,
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
    return (this.#byTier ??= this.#split());
  }

  tierOf(row: number): number {
    if (!hasBit(this.bits, row)) return -1;
    return this.whole?.has(row) ? 0 : BEGUN;
  }

  #split(): readonly Tier[] {
    if (!this.whole) return [{ tier: BEGUN, ids: this.ids }];
    const bits = this.bits.slice();
    for (const row of this.whole.rows) clearBit(bits, row);
    return [
      { tier: 0, ids: this.whole.rows },
      { tier: BEGUN, ids: { bits } },
    ];
  }

  #listed(): Matches {
    if (this.#list) return this.#list;
    const rows = new Uint32Array(this.size);
    let at = 0;
    eachRow(this.bits, (row) => (rows[at++] = row));
    const tiers = Uint8Array.from(rows, (row) => this.tierOf(row));
    return (this.#list = { rows, tiers });
  }
}

/** What matches where nothing does. */
export const NO_MATCHES: TextMatches = new ListedMatches(new Uint32Array(0), new Uint8Array(0), 0);
