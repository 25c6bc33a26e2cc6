import type { Row, RowClass } from './online-retail-rules';
import type { ReportBuilder } from './report';

export interface RetailRow extends Row {
  readonly line: number;
  /** The code as it is written. */
  readonly spelling: string;
  readonly description: string;
  readonly moment: Date;
  /** Empty for a guest. */
  readonly customer: string;
  readonly country: string;
}

const { imul } = Math;

/** From here a quantity is taken for a slip, and looked for in a cancellation that takes it back. */
const EXTREME_QUANTITY = 10_000;
const SATURDAY = 6;

/** Remembers the first value of each key, and which keys have had another. */
class Contradictions<V> {
  readonly first = new Map<string, V>();
  readonly several = new Set<string>();

  see(key: string, value: V): void {
    const known = this.first.get(key);
    if (known === undefined) this.first.set(key, value);
    else if (known !== value) this.several.add(key);
  }
}

/** Counts what is odd about the rows, whatever becomes of them. One row may be odd in several ways. */
export class Oddities {
  private readonly counts = {
    guestRows: 0,
    missingDescriptionRows: 0,
    duplicateRows: 0,
    zeroPriceRows: 0,
    subPennyPriceRows: 0,
    poundSignRows: 0,
    otherNonAsciiRows: 0,
    saturdayRows: 0,
  };
  private readonly seen = new Set<number>();
  private readonly times = new Contradictions<number>();
  private readonly countries = new Contradictions<string>();
  private readonly spellings = new Contradictions<string>();
  private readonly cancelled = new Set<string>();
  private readonly badDebts = new Set<string>();
  private readonly extremes = new Map<string, { sold: number; cancelled: number }>();

  see(row: RetailRow, rowClass: RowClass, cells: readonly string[]): void {
    const { counts } = this;
    const print = fingerprint(cells);
    if (this.seen.has(print)) counts.duplicateRows += 1;
    else this.seen.add(print);
    if (row.customer === '') counts.guestRows += 1;
    else this.countries.see(row.customer, row.country);
    if (row.description === '') counts.missingDescriptionRows += 1;
    if (row.price === 0) counts.zeroPriceRows += 1;
    if (Math.abs(row.price * 100 - Math.round(row.price * 100)) > 1e-6) counts.subPennyPriceRows += 1;
    if (row.description.includes('£')) counts.poundSignRows += 1;
    else if (cells.some((cell) => NON_ASCII.test(cell))) counts.otherNonAsciiRows += 1;
    if (row.moment.getUTCDay() === SATURDAY) counts.saturdayRows += 1;
    this.times.see(row.invoice, row.moment.getTime());
    this.spellings.see(row.code, row.spelling);
    if (rowClass === 'cancellationRows') this.cancelled.add(row.invoice);
    if (rowClass === 'badDebtRows') this.badDebts.add(row.invoice);
    if (Math.abs(row.quantity) >= EXTREME_QUANTITY) this.seeExtreme(row, rowClass);
  }

  private seeExtreme({ code, customer, quantity }: RetailRow, rowClass: RowClass): void {
    const key = `${code} ${customer} ${Math.abs(quantity)}`;
    const pair = this.extremes.get(key) ?? { sold: 0, cancelled: 0 };
    if (quantity > 0) pair.sold += 1;
    else if (rowClass === 'cancellationRows') pair.cancelled += 1;
    this.extremes.set(key, pair);
  }

  tell(report: ReportBuilder, sold: ReadonlySet<string>, isNonProduct: (code: string) => boolean): void {
    for (const [what, count] of Object.entries(this.counts)) report.note(what, count);
    const codes = [...this.spellings.first.keys()];
    report.note('invoices', this.times.first.size);
    report.note('cancellationInvoices', this.cancelled.size);
    report.note('badDebtInvoices', this.badDebts.size);
    report.note('invoicesWithSeveralTimes', this.times.several.size);
    report.note('customers', this.countries.first.size);
    report.note('customersWithSeveralCountries', this.countries.several.size);
    report.note('codesThatDifferInCase', this.spellings.several.size);
    report.note('nonProductCodes', codes.filter(isNonProduct).length);
    report.note('codesNeverSold', codes.filter((code) => !sold.has(code) && !isNonProduct(code)).length);
    const pairs = [...this.extremes.values()].reduce((sum, pair) => sum + Math.min(pair.sold, pair.cancelled), 0);
    report.note('extremeQuantityPairs', pairs);
  }
}

// eslint-disable-next-line no-control-regex
const NON_ASCII = /[^\u0000-\u007f]/;

/**
 * A number of 53 bits for a row, made of two 32-bit hashes in the manner of MurmurHash (Appleby). Among the 541,909 rows of
 * the whole data set two different ones share a number with a chance of 1 to 60,000: it counts duplicates, no more.
 */
function fingerprint(cells: readonly string[]): number {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (const cell of cells) {
    for (let i = 0; i < cell.length; i++) {
      const unit = cell.charCodeAt(i);
      high = imul(high ^ unit, 0xcc9e2d51);
      low = imul(low ^ unit, 0x1b873593);
      high ^= high >>> 15;
      low ^= low >>> 13;
    }
    high = imul(high ^ 0x10000, 0xcc9e2d51); // no cell has this unit: it separates them
    low = imul(low ^ 0x10000, 0x1b873593);
  }
  return ((high >>> 0) & 0x1fffff) * 0x1_0000_0000 + (low >>> 0);
}
