import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProductTable } from '../product-table';
import { freshness, type RulesSay } from '../rules';
import { Greatest } from './greatest';

const POPULAR = 500;
const FRESH = 100;
/** Rows looked at between two turns of the event loop. */
const SLICE = 100_000;

/** What everybody may be shown: the products in demand, those that sell, and those that are new, as of a moment. */
export class Trends {
  readonly #demand: ReadonlyMap<number, number>;
  readonly #logOfMost: number;

  private constructor(
    readonly table: ProductTable,
    /** Rows, the best first; all could be had when they were listed. */
    readonly trending: readonly number[],
    readonly popular: readonly number[],
    readonly fresh: readonly number[],
    demand: ReadonlyMap<number, number>,
    mostPopularity: number,
  ) {
    this.#demand = demand;
    this.#logOfMost = Math.log1p(Math.max(0, mostPopularity));
  }

  static readonly none = (table: ProductTable): Trends => new Trends(table, [], [], [], new Map(), 0);

  /** Looks the whole table over, in slices. `demand` comes with the greatest first. O(products). */
  static async read(
    table: ProductTable,
    demand: readonly { readonly productId: string; readonly demand: number }[],
  ): Promise<Trends> {
    const [popular, fresh] = [new Greatest(POPULAR), new Greatest(FRESH)];
    for (let row = 0; row < table.size; row++) {
      if (row % SLICE === SLICE - 1) await nextTurn();
      if (!table.canBeHad(row)) continue;
      popular.offer(row, table.popularityOf(row));
      const createdAt = table.createdAt(row);
      if (createdAt !== undefined) fresh.offer(row, createdAt);
    }
    const most = demand[0]?.demand ?? 0;
    const byRow = new Map<number, number>();
    for (const one of demand) {
      const row = table.rowOf(one.productId);
      if (row !== undefined && one.demand > 0) byRow.set(row, one.demand / most);
    }
    const trending = [...byRow.keys()].filter((row) => table.canBeHad(row));
    const best = popular.rows();
    const mostPopularity = best[0] === undefined ? 0 : table.popularityOf(best[0]);
    return new Trends(table, trending, best, fresh.rows(), byRow, mostPopularity);
  }

  /** What the rules ask of a product, each from 0 to 1: all but the margin. */
  of(row: number, now: number): RulesSay {
    const most = this.#logOfMost;
    return {
      trending: this.#demand.get(row) ?? 0,
      popular: most <= 0 ? 0 : Math.min(1, Math.log1p(this.table.popularityOf(row)) / most),
      fresh: freshness(this.table.createdAt(row), now),
    };
  }
}
