import { quoted } from '../duckdb';

/**
 * What the archive holds: `archive/<dataset>/day=YYYY-MM-DD/part-….parquet`, or `month=YYYY-MM`, a row for each fact. Facts come as objects with the
 * fields of `columns`; in Parquet and SQL their names are snake_case.
 */
export interface Dataset {
  readonly name: string;
  /** Field → type of DuckDB. */
  readonly columns: Readonly<Record<string, string>>;
  /** The field that decides in which folder a row lies; null for what has no history and is one file, `<dataset>/snapshot.parquet`. */
  readonly time: string | null;
  /** What comes in one go, years of it, lies in fewer folders than what comes day by day. */
  readonly folder: 'day' | 'month';
}

const text = 'VARCHAR';
const count = 'INTEGER';
const minorUnits = 'BIGINT';

export const DATASETS = {
  pastOrderLines: {
    name: 'past_order_lines',
    time: 'orderedAt',
    folder: 'month',
    columns: {
      ...{ id: text, source: text, kind: text, invoice: text, sku: text, isProduct: 'BOOLEAN', description: text },
      ...{ quantity: count, amount: minorUnits, unitPrice: 'DECIMAL(20,6)', currency: text, orderedAt: 'TIMESTAMP' },
      ...{ customer: text, country: text },
    },
  },
  orderLines: {
    name: 'order_lines',
    time: 'placedAt',
    folder: 'day',
    columns: {
      ...{ orderId: text, version: count, line: count, state: text, customer: text, country: text, region: text },
      ...{ placedAt: 'TIMESTAMP', sku: text, quantity: count, unitAmount: minorUnits, subtotal: minorUnits },
      ...{ discount: minorUnits, tax: minorUnits, total: minorUnits, currency: text },
      ...{ shopper: text, couponId: text, couponDiscount: minorUnits },
    },
  },
  refunds: {
    name: 'refunds',
    time: 'refundedAt',
    folder: 'month',
    columns: { id: text, orderId: text, amount: minorUnits, currency: text, refundedAt: 'TIMESTAMP' },
  },
  couponHoldouts: {
    name: 'coupon_holdouts',
    time: 'begunAt',
    folder: 'month',
    columns: {
      ...{ couponId: text, version: count, code: text, name: text, holdoutPercent: 'DECIMAL(7,4)' },
      ...{ begunAt: 'TIMESTAMP', endedAt: 'TIMESTAMP' },
    },
  },
  couponExposures: {
    name: 'coupon_exposures',
    time: 'exposedAt',
    folder: 'day',
    columns: { id: text, couponId: text, shopper: text, variant: text, exposedAt: 'TIMESTAMP' },
  },
  events: {
    name: 'events',
    time: 'occurredAt',
    folder: 'day',
    columns: {
      ...{ id: text, type: text, occurredAt: 'TIMESTAMP', receivedAt: 'TIMESTAMP', visitorId: text, productId: text },
      ...{ orderId: text, query: text, results: count, position: count, quantity: count, slot: text },
      ...{ experiment: text, variant: text },
    },
  },
  /** No history: as the catalogue was at the last export. */
  products: {
    name: 'products',
    time: null,
    folder: 'day',
    columns: { id: text, sku: text, name: text, category: text, brand: text },
  },
} as const satisfies Record<string, Dataset>;

export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** SQL that reads lines of JSON as rows of the dataset. */
export function readLines({ columns }: Dataset, file: string): string {
  const types = Object.entries(columns).map(([field, type]) => `"${field}": ${quoted(type)}`);
  const names = Object.keys(columns).map((field) => `"${field}" as ${snakeCase(field)}`);
  return `select ${names.join(', ')} from read_json(${quoted(file)}, format = 'newline_delimited', columns = {${types.join(', ')}})`;
}

/** SQL of a table without rows, with the columns of the dataset. */
export function emptyTable({ columns }: Dataset): string {
  const nothing = Object.entries(columns).map(([field, type]) => `null::${type} as ${snakeCase(field)}`);
  return `(select ${nothing.join(', ')} where false)`;
}
