import { parseMinorUnits } from '../../../kernel/money';
import { plainSentence } from '../../../platform/http/sentences';
import { z } from '../../../platform/http/zod';
import {
  costSchema,
  descriptionSchema,
  imageSchema,
  moneySchema,
  nameSchema,
  pathSchema,
  popularitySchema,
  skuSchema,
  statusSchema,
} from '../schemas';
import { readCsv, type CsvShape } from './csv';
import type { ImportedProduct, Refusal, ReportBuilder } from './report';

/** The two documented formats of products: CSV and JSON lines. docs/guides/import.md is their description. */

const COLUMNS = [
  'sku',
  'name',
  'description',
  'brand',
  'category',
  'price',
  'cost',
  'currency',
  'image',
  'status',
  'in_stock',
  'popularity',
] as const;
type Column = (typeof COLUMNS)[number];
const SHAPE: CsvShape = { columns: COLUMNS, required: ['sku'] };

/** What is wrong with one value; becomes a refusal of its record. */
class Wrong extends Error {
  constructor(
    readonly column: string,
    readonly code: string,
    reason: string,
  ) {
    super(reason);
  }
}

function check<S extends z.ZodType>(schema: S, column: string, value: unknown): z.output<S> {
  const read = schema.safeParse(value, { error: plainSentence });
  if (read.success) return read.data;
  throw new Wrong(column, `wrong-${column.replace('_', '-')}`, read.error.issues[0]?.message ?? 'is not acceptable');
}

const TRUTH: Readonly<Record<string, boolean>> = { true: true, yes: true, 1: true, false: false, no: false, 0: false };

/** A decimal price or cost such as 2.95 in minor units. */
function amountOf(column: 'price' | 'cost', text: string, currency: string): number {
  const amount = parseMinorUnits(text, currency);
  if (amount === undefined) {
    throw new Wrong(column, `wrong-${column}`, `"${text}" is no ${column} in ${currency}: write it like 2.95`);
  }
  return check(moneySchema.shape.amount, column, amount);
}

function currencyOf(given: string, currency: string, column = 'currency'): void {
  if (given === currency) return;
  throw new Wrong(column, 'wrong-currency', `is ${given}, and this shop's prices are in ${currency}`);
}

/**
 * One row of CSV. An empty cell clears the description, brand, category, cost or image, and leaves any other field as it is.
 * A column that the file does not have leaves its field as it is.
 */
function productOf(
  line: number,
  cells: readonly string[],
  has: (column: Column) => boolean,
  currency: string,
): ImportedProduct {
  const cell = (column: Column): string => (cells[COLUMNS.indexOf(column)] ?? '').trim();
  const given = <T>(column: Column, field: string, read: (text: string) => T): object =>
    cell(column) === '' ? {} : { [field]: read(cell(column)) };
  const clearable = <T>(column: Column, empty: T, read: (text: string) => T): object =>
    has(column) ? { [column]: cell(column) === '' ? empty : read(cell(column)) } : {};
  if (cell('currency') !== '') currencyOf(cell('currency'), currency);
  return {
    line,
    sku: check(skuSchema, 'sku', cell('sku')),
    ...given('name', 'name', (text) => check(nameSchema, 'name', text)),
    ...clearable('description', '', (text) => check(descriptionSchema, 'description', text)),
    ...clearable<string | null>('brand', null, (text) => check(nameSchema, 'brand', text)),
    ...clearable<string | null>('category', null, (text) => check(pathSchema, 'category', text)),
    ...given('price', 'price', (text) => amountOf('price', text, currency)),
    ...clearable<number | null>('cost', null, (text) => amountOf('cost', text, currency)),
    ...clearable<string | null>('image', null, (text) => check(imageSchema, 'image', text)),
    ...given('status', 'status', (text) => check(statusSchema, 'status', text)),
    ...given('in_stock', 'inStock', (text) =>
      check(z.boolean({ error: 'must be true or false' }), 'in_stock', TRUTH[text.toLowerCase()]),
    ),
    ...given('popularity', 'popularity', (text) => check(popularitySchema, 'popularity', Number(text))),
  };
}

/** Products from CSV; what is wrong goes to the report. */
export async function* readCsvProducts(
  text: AsyncIterable<string>,
  currency: string,
  report: ReportBuilder,
): AsyncGenerator<ImportedProduct> {
  let has: (column: string) => boolean = () => false;
  const records = readCsv(text, SHAPE, report, (given) => {
    has = given;
  });
  for await (const { line, cells } of records) {
    const product = orRefuse(line, report, () => productOf(line, cells, has, currency));
    if (product) yield product;
  }
}

const jsonProductSchema = z.strictObject({
  sku: skuSchema,
  name: nameSchema.optional(),
  description: descriptionSchema.optional(),
  brand: nameSchema.nullable().optional(),
  category: pathSchema.nullable().optional(),
  price: moneySchema.optional(),
  cost: costSchema.optional(),
  image: imageSchema.nullable().optional(),
  status: statusSchema.optional(),
  inStock: z.boolean().optional(),
  popularity: popularitySchema.optional(),
});

/** Products from JSON lines: one object a line, empty lines skipped; what is wrong goes to the report. */
export async function* readJsonLines(
  text: AsyncIterable<string>,
  currency: string,
  report: ReportBuilder,
): AsyncGenerator<ImportedProduct> {
  let line = 0;
  for await (const one of linesOf(text)) {
    line += 1;
    if (one.trim() === '') continue;
    report.read += 1;
    const product = orRefuse(line, report, () => jsonProduct(line, one, currency));
    if (product) yield product;
  }
}

function jsonProduct(line: number, text: string, currency: string): ImportedProduct {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Wrong('', 'broken-record', `is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = jsonProductSchema.safeParse(value, { error: plainSentence });
  if (!read.success) {
    const issue = read.error.issues[0];
    if (issue?.code === 'unrecognized_keys') {
      throw new Wrong(String(issue.keys[0]), 'unknown-field', 'is no field of a product');
    }
    const column = String(issue?.path[0] ?? '');
    throw new Wrong(column, column === '' ? 'broken-record' : `wrong-${column}`, issue?.message ?? 'is not acceptable');
  }
  const { price, cost, ...product } = read.data;
  if (price) currencyOf(price.currency, currency);
  if (cost) currencyOf(cost.currency, currency, 'cost');
  const given = Object.fromEntries(Object.entries(product).filter(([, field]) => field !== undefined));
  return {
    ...(given as { sku: string }),
    line,
    ...(price ? { price: price.amount } : {}),
    ...(cost === undefined ? {} : { cost: cost?.amount ?? null }),
  };
}

async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const part of text) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function orRefuse(line: number, report: ReportBuilder, read: () => ImportedProduct): ImportedProduct | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    const refusal: Refusal = { line, column: error.column || null, code: error.code, reason: error.message };
    report.refuse(refusal);
    return undefined;
  }
}
