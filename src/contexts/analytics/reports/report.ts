import { decodeCursor, encodeCursor, wrongCursor } from '../../../kernel/pages';
import { z } from '../../../platform/http/zod';
import { quoted, type Row } from '../duckdb';
import { paging } from '../schemas';

/** A question that the back office asks: which marts, which SQL, and how a row is shown. */
export interface Report {
  /** Below /v1/admin/analytics/. */
  readonly path: string;
  readonly summary: string;
  /** What it takes besides format, limit and after. */
  readonly query: z.ZodRawShape;
  /** A row as JSON. Files have the columns of the SQL. */
  readonly row: z.ZodObject;
  /** The mart that it reads, by what is asked. */
  readonly mart: (asked: Asked) => string;
  /** The query, in a defined order. Whatever comes from the request must go through the functions below. */
  readonly sql: (asked: Asked) => string;
  /** Columns of minor units, shown as money in the row's currency. */
  readonly money: readonly string[];
}

/** What was asked, after validation: texts, numbers, or nothing. */
export type Asked = Readonly<Record<string, string | number | undefined>>;

/** A text of the request as a literal of SQL. */
export const given = (asked: Asked, name: string): string => quoted(String(asked[name] ?? ''));

/** Conditions that hold where something was asked: `where …`, or nothing. */
export function where(conditions: readonly (string | false | undefined)[]): string {
  const those = conditions.filter(Boolean);
  return those.length === 0 ? '' : `where ${those.join(' and ')}`;
}

/** Whether `column` lies in the days that were asked for. */
export const within = (asked: Asked, column: string): (string | false)[] => [
  asked.from !== undefined && `${column} >= ${given(asked, 'from')}::date`,
  asked.to !== undefined && `${column} <= ${given(asked, 'to')}::date`,
];

export const ofCurrency = (asked: Asked): string | false =>
  asked.currency !== undefined && `currency = ${given(asked, 'currency')}`;

export const querySchema = (report: Report): z.ZodObject => z.strictObject({ ...report.query, ...paging });

const camelCase = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** A row as JSON: camelCase, and minor units together with their currency, which then stands nowhere else. */
export function show({ money }: Report, row: Row): Record<string, unknown> {
  const { currency, ...rest } = row;
  const shown = Object.entries(rest).map(([name, value]) => [
    camelCase(name),
    money.includes(name) && value !== null ? { amount: value, currency } : value,
  ]);
  return { ...Object.fromEntries(shown), ...(money.length === 0 && currency !== undefined ? { currency } : {}) };
}

/** Where a page begins. A cursor is of one run: rows of another may be in other places. Throws `validation-failed`. */
export function offsetOf(after: string | undefined, runId: string): number {
  if (after === undefined) return 0;
  const [run, offset] = decodeCursor(after, 2) ?? [];
  if (typeof run !== 'string' || typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0)
    throw wrongCursor();
  if (run !== runId) throw wrongCursor('is of an earlier run: begin again without it');
  return offset;
}

export const cursorAt = (runId: string, offset: number): string => encodeCursor([runId, offset]);
