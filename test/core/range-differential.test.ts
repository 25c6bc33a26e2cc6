import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { RangeIndex } from '../../src/core';
import { coreOf, nativeIfBuilt } from '../support/backends';
import { makeNumber, makeRow, makeRows, makeWhere, NUMBERS, schema, TREES } from '../support/range-model';
import { Random } from '../support/random';

const native = nativeIfBuilt();
const fallback = coreOf('fallback');
const whenBuilt = native === undefined ? describe.skip : describe;

whenBuilt('native and fallback RangeIndex are one product (skipped where the addon is not built)', () => {
  function compare(one: RangeIndex, other: RangeIndex, random: Random, questions: number): void {
    for (let i = 0; i < questions; i++) {
      const where = random.chance(0.4) ? { price: { gte: random.below(20_000) } } : makeWhere(random);
      const number = random.pick(NUMBERS);
      const by = random.pick(TREES);
      const limit = random.pick([1, 20, 100, 1000]);
      const histogram = { attribute: number, bins: 9, min: -5, max: 500 };
      const named = random.pick([0, 40, 992]);
      const several = {
        facets: ['category', 'visible'],
        histograms: { price: { min: 0, max: 20_000 }, rating: { bins: 9, min: 1, max: 5 }, stock: { min: 0, max: 99 } },
        without: { price: 'price', rating: 'rating', stock: random.pick(NUMBERS), category: 'category' },
      };
      const ask = (index: RangeIndex): unknown => ({
        where,
        count: index.count(where),
        // Sums too: toEqual tells every bit of a number, but for -0.
        aggregates: NUMBERS.map((name) => index.aggregate(name, where)),
        top: index.top({ by: 'popularity', limit, where }),
        page: index.page({ where, by: 'rating', facets: ['brand', 'category', 'visible'], histogram, named }),
        facets: index.facets(['brand', 'category'], where),
        several: index.page({ where, named, ...several }),
        list: index.list({ by, order: 'desc', limit, offset: 7, where }),
        depths: index.histogram(number, { equal: 'depth', bins: 7, where }),
        quantiles: index.quantiles(number, [0, 0.25, 1], where),
        explain: index.explain(where),
      });
      expect(ask(one)).toEqual(ask(other));
    }
  }

  // EASY11_RANGE_UPDATES=1000000 is the long form, of about five minutes.
  const updates = Number(process.env['EASY11_RANGE_UPDATES'] ?? 100_000);
  test(`they answer alike, to the bit, through ${updates.toLocaleString('en-GB')} random updates`, async () => {
    const random = new Random(21);
    const rows = makeRows(random, 8_000);
    using one = await native!.RangeIndex.build(schema, rows);
    using other = await fallback.RangeIndex.build(schema, rows);
    expect([one.backend, other.backend]).toEqual(['native', 'fallback']);
    const both = (work: (index: RangeIndex) => boolean): void => {
      // Not expect: a million of those take longer than the updates.
      if (work(one) !== work(other)) throw new Error(`one of them knew a row: ${String(work)}`);
    };
    const rounds = 25;
    for (let round = 0; round < rounds; round++) {
      // Leaves fill up and run empty again.
      const deleted = round % 5 === 4 ? 0.6 : 0.15;
      for (let i = 0; i < updates / rounds; i++) {
        const id = random.below(20_000);
        if (random.chance(deleted)) both((index) => index.delete(id));
        else if (random.chance(0.5)) {
          const row = makeRow(random);
          both((index) => index.set(id, row));
        } else {
          const name = random.pick(NUMBERS);
          const changes = { [name]: makeNumber(random, name) };
          both((index) => index.update(id, changes));
        }
      }
      compare(one, other, random, 3);
    }
    expect(one.size).toBe(other.size);
    for (let id = 0; id < 20_000; id++) if (one.has(id)) expect(one.get(id)).toEqual(other.get(id));
  }, 1_800_000);

  test('a snapshot of either is the same bytes, and loads in the other', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'easy11-differential-'));
    try {
      const random = new Random(22);
      const rows = makeRows(random, 2_000);
      using one = await native!.RangeIndex.build(schema, rows);
      using other = await fallback.RangeIndex.build(schema, rows);
      const files = [path.join(folder, 'native'), path.join(folder, 'fallback')] as const;
      await one.save(files[0]);
      await other.save(files[1]);
      expect((await readFile(files[0])).equals(await readFile(files[1]))).toBe(true);
      using crossed = await fallback.RangeIndex.load(files[0]);
      using crossedToo = await native!.RangeIndex.load(files[1]);
      compare(crossed, crossedToo, random, 30);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('for any rows and any bounds, a count is the sum of the counts on both sides', () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, min: -(2 ** 53), max: 2 ** 53 }),
      fc.integer({ min: -5, max: 5 }),
      fc.constant(null),
    );
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 80 }),
        fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
        (values, bound) => {
          for (const { RangeIndex: Index } of [native!, fallback]) {
            using index = new Index({ numbers: { x: { tree: true, score: true } } });
            values.forEach((x, id) => index.set(id, { x }));
            const below = index.rank('x', bound);
            expect(below).toBe(values.filter((x) => x !== null && x < bound).length);
            expect(below + index.count({ x: { gte: bound } })).toBe(values.filter((x) => x !== null).length);
            const listed = index.list({ by: 'x', limit: 1000 });
            expect(listed.map(({ value: x }) => x)).toEqual([...listed.map(({ value: x }) => x)].sort((a, b) => a - b));
            expect(index.top({ by: 'x', limit: 1000 }).length).toBe(listed.length);
            listed.forEach((position, rank) => expect(index.select('x', rank)).toEqual(position));
          }
        },
      ),
      { numRuns: 80, seed: 5 },
    );
  });
});
