import type { ProductCost } from '../../catalogue';
import type { ProductTable } from '../product-table';
import { marginOf } from '../rules';

const FIRST_ROOM = 1 << 12;
const UNKNOWN = 0;
/** Margins are kept as 1 to this, so that their sum is exact however often they change; a step is 0.0015 per cent. */
const MOST = 0xffff;

/** What the shop keeps of the price of each product, by row of the table, and their mean. Two bytes a product. */
export class Margins {
  #kept = new Uint16Array(FIRST_ROOM);
  #sum = 0;
  #known = 0;

  constructor(private readonly table: Pick<ProductTable, 'rowOf'>) {}

  /** Takes over what a product costs now; one that the table does not have is passed over. */
  put({ productId, price, cost }: ProductCost): void {
    const row = this.table.rowOf(productId);
    if (row === undefined) return;
    if (cost === null) this.#set(row, UNKNOWN);
    else this.#set(row, 1 + Math.round(marginOf(price, cost) * (MOST - 1)));
  }

  /** It is gone. */
  remove(productId: string): void {
    const row = this.table.rowOf(productId);
    if (row !== undefined) this.#set(row, UNKNOWN);
  }

  /**
   * What the rules go by, from 0 to 1: the margin, or the mean of all that are known where nobody has said what a product costs.
   * Undefined where nothing is known of any.
   */
  of(row: number): number | undefined {
    if (this.#known === 0) return undefined;
    const own = this.#kept[row] ?? UNKNOWN;
    return ((own === UNKNOWN ? this.#sum / this.#known : own) - 1) / (MOST - 1);
  }

  #set(row: number, value: number): void {
    if (row >= this.#kept.length) this.#grow(row);
    const before = this.#kept[row] as number;
    this.#kept[row] = value;
    this.#sum += value - before;
    this.#known += Number(value !== UNKNOWN) - Number(before !== UNKNOWN);
  }

  #grow(row: number): void {
    const more = new Uint16Array(2 ** Math.ceil(Math.log2(row + 1)));
    more.set(this.#kept);
    this.#kept = more;
  }
}
