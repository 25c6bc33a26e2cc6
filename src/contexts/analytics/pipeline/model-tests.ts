import { quoted } from '../duckdb';

/** A test of a model: a query that counts what breaks it. */
export interface ModelTest {
  /** As it is written. */
  readonly text: string;
  readonly blocks: boolean;
  /** A query with one number: what breaks it, in the table of that name. */
  readonly count: (table: string) => string;
}

const COLUMN = /^[a-z][a-z0-9_]*$/;

/**
 * Reads a test:
 *
 * - `unique(a, b)`: no two rows have the same values there
 * - `not_null(a, b)`: every row has a value in each
 * - `accepted_values(a, one, two)`: nothing but these (or null)
 * - `relationships(a, other.b)`: every value (but null) is there in the other model
 * - `freshness(a, 2 days)`: the youngest is not older; a table without rows is
 * - `holds(a > 0)`: true of every row
 *
 * Throws RangeError for anything else.
 */
export function parseTest(text: string, blocks: boolean): ModelTest {
  const [, kind = '', inner = ''] = /^([a-z_]+)\((.*)\)$/s.exec(text) ?? [];
  const parts = inner.split(',').map((part) => part.trim());
  const [first = '', second = ''] = parts;
  const make = MAKERS[kind];
  const names = kind === 'unique' || kind === 'not_null' ? parts : [first];
  if (!make || (kind !== 'holds' && !names.every((name) => COLUMN.test(name))))
    throw new RangeError(`"${text}" is no test`);
  return { text, blocks, count: make({ inner, parts, first, second }) };
}

interface Said {
  readonly inner: string;
  readonly parts: readonly string[];
  readonly first: string;
  readonly second: string;
}

const MAKERS: Readonly<Record<string, (said: Said) => ModelTest['count']>> = {
  unique:
    ({ parts }) =>
    (table) =>
      `select count(*) from (select 1 from "${table}" group by ${parts.join(', ')} having count(*) > 1)`,
  not_null:
    ({ parts }) =>
    (table) =>
      `select count(*) from "${table}" where ${parts.map((part) => `${part} is null`).join(' or ')}`,
  accepted_values:
    ({ first, parts }) =>
    (table) =>
      `select count(*) from "${table}" where ${first} not in (${parts.slice(1).map(quoted).join(', ')})`,
  relationships:
    ({ first, second }) =>
    (table) => {
      const [other = '', column = ''] = second.split('.');
      return `select count(*) from (select distinct ${first} as v from "${table}" where ${first} is not null)
        where v not in (select ${column} from "${other}" where ${column} is not null)`;
    },
  freshness:
    ({ first, second }) =>
    (table) =>
      `select count(*) from (select max(${first}) as youngest from "${table}")
       where youngest < (now() at time zone 'UTC') - interval ${quoted(second)}`,
  holds:
    ({ inner }) =>
    (table) =>
      `select count(*) from "${table}" where not coalesce((${inner}), false)`,
};

/** The other models that a test looks into. */
export const modelsOf = ({ text }: ModelTest): string[] => {
  const [, other] = /^relationships\([^,]+,\s*([a-z0-9_]+)\./.exec(text) ?? [];
  return other === undefined ? [] : [other];
};
