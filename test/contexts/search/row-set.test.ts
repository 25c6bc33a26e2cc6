import { RowSet } from '../../../src/contexts/search/results/row-set';
import { BitPool } from '../../../src/contexts/search/results/bit-pool';
import { Random } from '../../support/random';

const listed = (set: RowSet): number[] => {
  const { ids } = set;
  if (ids instanceof Uint32Array) return [...ids];
  const rows: number[] = [];
  for (let row = 0; row < ids.bits.length * 32; row++)
    if (((ids.bits[row >>> 5] as number) >>> (row & 31)) & 1) rows.push(row);
  return rows;
};

test('rows that come and go are those of a plain set, as a list and as bits', () => {
  const random = new Random(3);
  const set = new RowSet();
  const model = new Set<number>();
  let forms = '';
  for (let i = 0; i < 30_000; i++) {
    const row = random.below(9_000);
    if (random.chance(0.35)) {
      set.remove(row);
      model.delete(row);
    } else {
      set.add(row);
      model.add(row);
    }
    if (i % 1_000 > 0) continue;
    forms += 'bits' in set.ids ? 'b' : 'l';
    const rows = [...model].sort((a, b) => a - b);
    expect(set.size).toBe(rows.length);
    expect(listed(set)).toEqual(rows);
    expect([...set.toList()]).toEqual(rows);
    for (let j = 0; j < 50; j++) expect(set.has(j)).toBe(model.has(j));
  }
  expect(forms).toMatch(/^l+b+$/);
});

test('rows that are far apart stay a list, and a row far behind finds room among bits', () => {
  const sparse = new RowSet();
  for (let i = 0; i < 3_000; i++) sparse.add(i * 100);
  expect('bits' in sparse.ids).toBe(false);
  const dense = new RowSet();
  for (let i = 0; i < 3_000; i++) dense.add(i);
  dense.add(1_000_000);
  expect([dense.size, dense.has(1_000_000), dense.has(999_999), dense.has(2_000_000)]).toEqual([
    3_001,
    true,
    false,
    false,
  ]);
});

test('a bitmap of the pool is all zero, whatever it was used for, and has room for all rows', () => {
  const pool = new BitPool();
  const first = pool.take(100);
  first.fill(7);
  pool.give(first);
  const again = pool.take(90);
  expect(again).toBe(first);
  expect(again.every((word) => word === 0)).toBe(true);
  expect(pool.take(10_000).length * 32).toBeGreaterThanOrEqual(10_000);
  pool.give(again);
  expect(pool.take(10_000).length * 32).toBeGreaterThanOrEqual(10_000);
});
