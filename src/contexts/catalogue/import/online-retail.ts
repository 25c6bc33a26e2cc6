import { Problem } from '../../../kernel/errors';
import { readCsv, type CsvShape } from './csv';
import {
  classOf,
  isNonProduct,
  isPlausibleName,
  mostFrequent,
  parseMoment,
  ROW_CLASSES,
  tidyName,
  type RowClass,
} from './online-retail-rules';
import { Oddities, type RetailRow } from './online-retail-oddities';
import type { ImportedProduct, ReportBuilder } from './report';

/**
 * Products from the order lines of the data set "Online Retail": one per stock code, with the name and the price that sold
 * most often, and as popularity the number of invoices that it was sold on. It has no categories and no brands. Every row
 * is counted as exactly one of ROW_CLASSES or refused; what else is odd about it is counted besides. The whole file is
 * read before the first product is known; memory grows with products, invoices and customers, not with text.
 */

const SHAPE: CsvShape = {
  columns: ['InvoiceNo', 'StockCode', 'Description', 'Quantity', 'InvoiceDate', 'UnitPrice', 'CustomerID', 'Country'],
  required: ['InvoiceNo', 'StockCode', 'Description', 'Quantity', 'InvoiceDate', 'UnitPrice', 'CustomerID', 'Country'],
  // The later edition, "Online Retail II", calls two of them otherwise.
  aliases: { Invoice: 'InvoiceNo', Price: 'UnitPrice' },
};

/** What is known of a product so far. */
interface Sold {
  readonly firstLine: number;
  readonly names: Map<string, number>;
  readonly notes: Map<string, number>;
  /** Pence, as often as they were charged. */
  readonly prices: Map<number, number>;
  readonly invoices: Set<number>;
}

export async function* readOnlineRetail(
  text: AsyncIterable<string>,
  currency: string,
  report: ReportBuilder,
  tell: () => void,
): AsyncGenerator<ImportedProduct> {
  if (currency !== 'GBP') {
    const detail = `This data set has prices in GBP, and this shop's are in ${currency}: set EASY11_CURRENCY=GBP`;
    throw new Problem('validation-failed', detail);
  }
  const products = new Map<string, Sold>();
  const invoices = new Map<string, number>();
  for await (const { row, rowClass } of readRows(text, report, tell))
    if (rowClass === 'usedRows') sell(products, invoices, row);
  report.note('productsWithSeveralNames', 0);
  report.note('productsPricedBelowAPenny', 0);
  for (const [sku, sold] of products) {
    const product = productOf(sku, sold, report);
    if (product) yield product;
  }
}

/** A row with what it is, and its cells as they were written. */
export interface ReadRow {
  readonly row: RetailRow;
  readonly rowClass: RowClass;
  readonly cells: readonly string[];
}

/** The rows of the file one by one. Those that cannot be read are refused; at the end the report has every oddity by count. */
export async function* readRows(
  text: AsyncIterable<string>,
  report: ReportBuilder,
  tell: () => void,
): AsyncGenerator<ReadRow> {
  for (const rowClass of ROW_CLASSES) report.note(rowClass, 0);
  const oddities = new Oddities();
  const sold = new Set<string>();
  for await (const { line, cells } of readCsv(text, SHAPE, report)) {
    if (report.read % 20_000 === 0) tell();
    const row = rowOf(line, cells, report);
    if (!row) continue;
    const rowClass = classOf(row);
    report.note(rowClass);
    oddities.see(row, rowClass, cells);
    if (rowClass === 'usedRows') sold.add(row.code);
    yield { row, rowClass, cells };
  }
  oddities.tell(report, sold, isNonProduct);
}

function rowOf(line: number, cells: readonly string[], report: ReportBuilder): RetailRow | undefined {
  const [invoice = '', code = '', description = '', quantity = '', date = '', price = '', customer = '', country = ''] =
    cells;
  const refuse = (column: string, reason: string): undefined => {
    report.refuse({ line, column, code: `wrong-${column.toLowerCase()}`, reason });
    return undefined;
  };
  if (invoice.trim() === '') return refuse('InvoiceNo', 'is empty');
  if (code.trim() === '' || code.trim().length > 64)
    return refuse('StockCode', 'is empty or longer than 64 characters');
  if (!/^[+-]?\d{1,9}$/.test(quantity.trim())) return refuse('Quantity', `"${quantity}" is no whole number`);
  if (!/^[+-]?\d{1,9}(\.\d+)?$/.test(price.trim())) return refuse('UnitPrice', `"${price}" is no price`);
  const moment = parseMoment(date.trim());
  if (!moment) return refuse('InvoiceDate', `"${date}" is no date like 2010-12-01 08:26:00 or 12/1/2010 8:26`);
  return {
    line,
    invoice: invoice.trim(),
    spelling: code.trim(),
    code: code.trim().toUpperCase(),
    description: tidyName(description),
    quantity: Number(quantity),
    moment,
    price: Number(price),
    customer: customer.trim().replace(/\.0$/, ''),
    country: country.trim(),
  };
}

const increase = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

function sell(products: Map<string, Sold>, invoices: Map<string, number>, row: RetailRow): void {
  let sold = products.get(row.code);
  if (!sold) {
    sold = { firstLine: row.line, names: new Map(), notes: new Map(), prices: new Map(), invoices: new Set() };
    products.set(row.code, sold);
  }
  if (row.description !== '') increase(isPlausibleName(row.description) ? sold.names : sold.notes, row.description);
  increase(sold.prices, Math.round(row.price * 100));
  let invoice = invoices.get(row.invoice);
  if (invoice === undefined) invoices.set(row.invoice, (invoice = invoices.size));
  sold.invoices.add(invoice);
}

function productOf(sku: string, sold: Sold, report: ReportBuilder): ImportedProduct | undefined {
  if (sold.names.size > 1) report.note('productsWithSeveralNames');
  const name = mostFrequent(sold.names) ?? mostFrequent(sold.notes);
  if (name === undefined) {
    const reason = `${sku} was sold, but no row says what it is called`;
    report.refuse({ line: sold.firstLine, column: 'Description', code: 'no-name', reason });
    return undefined;
  }
  // One code was sold for a tenth of a penny; money has whole pennies.
  const whole = new Map([...sold.prices].filter(([pence]) => pence > 0));
  if (whole.size === 0) report.note('productsPricedBelowAPenny');
  return { line: sold.firstLine, sku, name, price: mostFrequent(whole) ?? 1, popularity: sold.invoices.size };
}
