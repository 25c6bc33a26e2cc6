import type { Bounds, IdSet, RangeRow, RangeSchema, RangeValue, RowWithId, Where } from '../../src/core';
import type { Random } from './random';

/** Rows, conditions and answers of a range index by brute force. */
export const schema = {
  numbers: {
    price: { type: 'int32', tree: { aggregates: ['rating', 'popularity'] } },
    rating: { type: 'float32', tree: true, score: true },
    popularity: { tree: { aggregates: ['stock'] }, score: true },
    stock: { type: 'int32' },
  },
  facets: ['category', 'brand'],
  flags: ['visible'],
} as const satisfies RangeSchema;

export type NumberName = keyof (typeof schema)['numbers'];
export const NUMBERS = Object.keys(schema.numbers) as readonly NumberName[];
export const TREES = ['price', 'rating', 'popularity'] as const;

export function makeNumber(random: Random, name: NumberName): number | null {
  if (random.chance(0.04)) return null;
  switch (name) {
    case 'price':
      if (random.chance(0.02)) return random.pick([-2_147_483_646, 2_147_483_646]);
      return random.chance(0.3) ? 999 : random.below(20_000);
    case 'rating':
      return 1 + random.below(41) / 10;
    case 'popularity':
      if (random.chance(0.02)) return random.pick([-(2 ** 53), 2 ** 53, -0]);
      return random.chance(0.3) ? random.below(10) : random.below(1_000_000) / 7;
    case 'stock':
      return random.chance(0.3) ? 0 : random.below(100);
  }
}

export function makeRow(random: Random): Record<string, RangeValue> {
  const row: Record<string, RangeValue> = {};
  for (const name of NUMBERS) row[name] = makeNumber(random, name);
  row['category'] = random.chance(0.05) ? null : `c${random.below(12)}`;
  row['brand'] = random.chance(0.05) ? null : `b${random.below(random.chance(0.05) ? 900 : 30)}`;
  row['visible'] = random.chance(0.05) ? null : random.chance(0.7);
  return row;
}

export function makeRows(random: Random, count: number, ids = count * 2): RowWithId[] {
  const rows = new Map<number, RowWithId>();
  while (rows.size < count) {
    const id = random.below(ids);
    rows.set(id, { id, ...makeRow(random) });
  }
  return [...rows.values()];
}

export function makeWhere(random: Random): Where {
  const where: Record<string, Where[string]> = {};
  for (const name of NUMBERS) {
    if (!random.chance(0.3)) continue;
    const [a, b] = [makeNumber(random, name) ?? -Infinity, makeNumber(random, name) ?? Infinity];
    const bounds: Bounds = { gte: Math.min(a, b), lte: Math.max(a, b) };
    where[name] = random.chance(0.3) ? { gte: bounds.gte as number } : bounds;
  }
  if (random.chance(0.25)) where['category'] = `c${random.below(13)}`;
  if (random.chance(0.25)) where['brand'] = Array.from({ length: 1 + random.below(8) }, () => `b${random.below(31)}`);
  if (random.chance(0.2)) where['visible'] = random.chance(0.5);
  if (random.chance(0.4)) where['id'] = makeIds(random);
  return where;
}

/** A set of ids, with a few rows or with many, as a list or as bits; some ids no row has. */
export function makeIds(random: Random, below = 25_000): IdSet {
  const share = random.pick([0, 0.0005, 0.01, 0.3, 0.7, 1]);
  const end = random.chance(0.5) ? below : random.below(below);
  const ids: number[] = [];
  for (let id = 0; id < end; id++) if (random.chance(share)) ids.push(id);
  return random.chance(0.5) ? Uint32Array.from(ids) : { bits: bitsOf(ids) };
}

export function bitsOf(ids: readonly number[]): Uint32Array {
  const bits = new Uint32Array(((ids.at(-1) ?? -1) >>> 5) + 1);
  for (const id of ids) bits[id >>> 5] = (bits[id >>> 5] as number) | (1 << (id & 31));
  return bits;
}

const isIn = ({ bits }: { readonly bits: Uint32Array }, id: number): boolean =>
  (((bits[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;

const stored = (name: NumberName, value: number): number => (name === 'rating' ? Math.fround(value) : value) + 0;

/** A row as an index gives it back. */
export function asStored(row: RangeRow): Record<string, RangeValue> {
  const given: Record<string, RangeValue> = {};
  for (const name of NUMBERS) given[name] = typeof row[name] === 'number' ? stored(name, row[name]) : null;
  for (const name of ['category', 'brand', 'visible']) given[name] = row[name] ?? null;
  return given;
}

export class Model {
  readonly rows = new Map<number, Record<string, RangeValue>>();

  set(id: number, row: RangeRow): void {
    this.rows.set(id, asStored(row));
  }

  matches({ id: ids, ...where }: Where): { id: number; row: Record<string, RangeValue> }[] {
    const found: { id: number; row: Record<string, RangeValue> }[] = [];
    const named = ids instanceof Uint32Array ? { bits: bitsOf([...ids]) } : (ids as { bits: Uint32Array } | undefined);
    for (const [id, row] of this.rows) if ((!named || isIn(named, id)) && holds(row, where)) found.push({ id, row });
    return found.sort((a, b) => a.id - b.id);
  }

  /** Matching rows that have a value of the attribute, in order of it. */
  ordered(where: Where, name: string): { id: number; value: number }[] {
    return this.matches(where)
      .filter(({ row }) => row[name] !== null)
      .map(({ id, row }) => ({ id, value: row[name] as number }))
      .sort((a, b) => a.value - b.value || a.id - b.id);
  }

  top(where: Where, by: string, limit: number): number[] {
    const rows = this.ordered(where, by).sort((a, b) => b.value - a.value || a.id - b.id);
    return rows.slice(0, limit).map(({ id }) => id);
  }

  facet(where: Where, name: string): Map<RangeValue, number> {
    const counts = new Map<RangeValue, number>();
    for (const { row } of this.matches(where)) counts.set(row[name] ?? null, (counts.get(row[name] ?? null) ?? 0) + 1);
    return counts;
  }
}

function holds(row: Record<string, RangeValue>, where: Where): boolean {
  return Object.entries(where).every(([name, condition]) => {
    const value = row[name] ?? null;
    if (typeof condition === 'object' && !Array.isArray(condition)) {
      const { gte = -Infinity, lte = Infinity } = condition as Bounds;
      return (
        value !== null &&
        (value as number) >= stored(name as NumberName, gte) &&
        (value as number) <= stored(name as NumberName, lte)
      );
    }
    return Array.isArray(condition) ? condition.includes(value) : condition === value;
  });
}
