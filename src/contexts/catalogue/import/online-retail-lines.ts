import { roundedQuotient, toSafe } from '../../../kernel/exact';
import { importText, saveInBatches, type ImportReport, type ImportSource } from './index';
import { readRows, type ReadRow } from './online-retail';
import { isNonProduct, type RowClass } from './online-retail-rules';

/** A line of an invoice of the data set "Online Retail". Every row that can be read is one, odd or not. */
export interface RetailLine {
  readonly kind: 'sale' | 'cancellation' | 'bad-debt' | 'adjustment';
  readonly invoice: string;
  /** In capitals. */
  readonly sku: string;
  /** False for postage, fees and bookings by hand. */
  readonly isProduct: boolean;
  /** Empty where the row has none. */
  readonly description: string;
  /** Below 0 where goods went back. */
  readonly quantity: number;
  /** Quantity times price in pence, rounded once and half up. */
  readonly amount: number;
  /** Of one, in pence and exactly, as decimal text: some cost less than a penny. */
  readonly unitPrice: string;
  /** Local time without a zone, in the fields of UTC. */
  readonly orderedAt: Date;
  /** Null for a guest. */
  readonly customer: string | null;
  readonly country: string;
}

const KINDS: Readonly<Record<RowClass, RetailLine['kind']>> = {
  badDebtRows: 'bad-debt',
  cancellationRows: 'cancellation',
  stockAdjustmentRows: 'adjustment',
  zeroQuantityRows: 'adjustment',
  nonProductRows: 'sale',
  unpricedRows: 'sale',
  negativePriceRows: 'sale',
  usedRows: 'sale',
};

/** What became of a batch of lines. */
export interface LineOutcome {
  readonly inserted: number;
  readonly unchanged: number;
}

/**
 * Reads the data set line by line and hands the lines to `save`, batch after batch; `end` is called when all are saved, and what it
 * resolves to is noted in the report. Every row of the file is read and refused with its line, or handed over: duplicates too.
 * Throws as importProducts does.
 */
export function importRetailLines(
  source: ImportSource,
  {
    save,
    end,
  }: {
    readonly save: (lines: readonly RetailLine[]) => Promise<LineOutcome>;
    readonly end: () => Promise<Readonly<Record<string, number>>>;
  },
): Promise<ImportReport> {
  return importText(source, async (text, report, tell) => {
    const aborted = await saveInBatches(lines(readRows(text, report, tell)), source, async (some) => {
      const { inserted, unchanged } = await save(some);
      report.inserted += inserted;
      report.unchanged += unchanged;
      tell();
    });
    if (!aborted) for (const [what, count] of Object.entries(await end())) report.note(what, count);
    return aborted;
  });
}

async function* lines(rows: AsyncIterable<ReadRow>): AsyncGenerator<RetailLine> {
  for await (const { row, rowClass, cells } of rows) {
    yield {
      kind: KINDS[rowClass],
      invoice: row.invoice,
      sku: row.code,
      isProduct: !isNonProduct(row.code),
      description: row.description,
      quantity: row.quantity,
      amount: pence(row.quantity, cells[5] ?? ''),
      unitPrice: exactPence(cells[5] ?? ''),
      orderedAt: row.moment,
      customer: row.customer === '' ? null : row.customer,
      country: row.country,
    };
  }
}

/** Sign and digits of a price in pounds, before and after the point. */
function digitsOf(price: string): { sign: string; whole: string; fraction: string } {
  const [, sign = '', whole = '', fraction = ''] = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(price.trim()) ?? [];
  return { sign, whole, fraction };
}

/** The price in pence: the same digits, the point two places on. */
function exactPence(price: string): string {
  const { sign, whole, fraction } = digitsOf(price);
  const moved = fraction.padEnd(2, '0');
  return `${sign === '-' ? '-' : ''}${whole}${moved.slice(0, 2)}${moved.length > 2 ? `.${moved.slice(2)}` : ''}`;
}

/** Exactly, from the digits of the price: some are less than a penny. */
function pence(quantity: number, price: string): number {
  const { sign, whole, fraction } = digitsOf(price);
  const units = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`) * BigInt(quantity) * 100n;
  return toSafe(roundedQuotient(units, 10n ** BigInt(fraction.length), 'half-up'));
}
