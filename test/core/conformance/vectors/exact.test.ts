import fc from 'fast-check';
import { SparseVectorIndex } from '../../../../src/core';
import { Random } from '../../../support/random';
import { compareWithAll, makeVector, VectorsModel } from '../../../support/vectors-model';

describe('a SparseVectorIndex', () => {
  const vector = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...'abcdefghij'), fc.float({ min: Math.fround(0.1), max: 8, noNaN: true })), {
      selector: ([term]) => term,
      minLength: 1,
      maxLength: 6,
    })
    .map((pairs) => Object.fromEntries(pairs));
  const command = fc.oneof(
    { weight: 6, arbitrary: fc.record({ put: fc.nat(60), vector }) },
    { weight: 2, arbitrary: fc.record({ delete: fc.nat(60) }) },
    { weight: 1, arbitrary: fc.constant({ refresh: true as const }) },
    {
      weight: 3,
      arbitrary: fc.record({
        ask: fc.nat(60),
        limit: fc.integer({ min: 1, max: 70 }),
        least: fc.constantFrom(0, 0, 0.5, 1),
      }),
    },
  );

  test.each(['given', 'rarity'] as const)(
    'through any puts, deletes and refreshes gives what comparing with every row gives (weighting: %s)',
    async (weighting) => {
      await fc.assert(
        fc.asyncProperty(fc.array(command, { maxLength: 120 }), async (commands) => {
          using index = new SparseVectorIndex({ weighting });
          const model = new VectorsModel(weighting === 'rarity');
          for (const one of commands) {
            if ('put' in one) {
              expect(index.put(one.put, one.vector)).toBe(!model.rows.has(one.put));
              model.rows.set(one.put, one.vector);
            } else if ('delete' in one) expect(index.delete(one.delete)).toBe(model.rows.delete(one.delete));
            else if ('refresh' in one) {
              await index.refresh();
              model.refresh();
            } else if (model.rows.has(one.ask)) {
              const all = compareWithAll(
                index,
                model.rows.keys(),
                one.ask,
                one.limit,
                (_, score) => score >= one.least,
              );
              expect(index.nearest(one.ask, { limit: one.limit, minScore: one.least })).toEqual(all);
              const own = model.rows.get(one.ask) ?? {};
              const off = Array.from(model.rows, ([id, other]) =>
                Math.abs(index.similarity(one.ask, id) - model.cosine(own, other)),
              );
              expect(Math.max(...off)).toBeLessThan(1e-12);
            }
          }
          expect(index.size).toBe(model.rows.size);
        }),
        { numRuns: 60 },
      );
    },
  );

  test('over windows of ids, with lists made and changed rows beside them, answers as comparing with every row does', async () => {
    const random = new Random(7);
    using index = new SparseVectorIndex({ weighting: 'rarity' });
    const ids = new Set<number>();
    const put = (): void => {
      // Three windows, of which the last has few rows.
      const id = random.chance(0.05) ? 70_000 + random.below(500) : random.below(20_000);
      index.put(id, makeVector(random, random.chance(0.5) ? 12 : 400));
      ids.add(id);
    };
    for (let i = 0; i < 12_000; i++) put();
    await index.refresh();
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 120; i++) {
        put();
        const gone = random.pick([...ids]);
        if (random.chance(0.3) && ids.delete(gone)) expect(index.delete(gone)).toBe(true);
      }
      if (round === 5) await index.refresh();
      for (const limit of [1, 10, 200]) {
        const to = random.pick([...ids]);
        expect(index.nearest(to, { limit })).toEqual(compareWithAll(index, ids, to, limit));
      }
    }
    expect(index.size).toBe(ids.size);
  });

  test('many rows that are just alike come in order of id', async () => {
    using index = new SparseVectorIndex();
    for (let id = 0; id < 40_000; id += 3) index.put(id, { tea: 1, pot: id % 2 === 0 ? 1 : 2 });
    const first = (): number[] => index.nearest({ pot: 3, tea: 3 }, { limit: 4 }).map(({ id }) => id);
    expect(first()).toEqual([0, 6, 12, 18]);
    await index.refresh();
    expect(first()).toEqual([0, 6, 12, 18]);
    index.put(1, { tea: 5, pot: 5 });
    index.delete(6);
    expect(index.nearest({ pot: 3, tea: 3 }, { limit: 3 })).toEqual([0, 1, 12].map((id) => ({ id, score: 1 })));
  });

  test('a vector is compared as a row is, terms that no row has included', () => {
    using index = new SparseVectorIndex();
    index.put(0, { a: 3, b: 4 });
    index.put(1, { b: 1 });
    expect(index.nearest({ a: 3, b: 4 })).toEqual([
      { id: 0, score: 1 },
      { id: 1, score: 0.8 },
    ]);
    expect(index.nearest({ b: 3, elsewhere: 4 })).toEqual([
      { id: 1, score: 0.6 },
      { id: 0, score: expect.closeTo(0.48, 12) as number },
    ]);
    expect(index.nearest({ elsewhere: 4 })).toEqual([]);
    // Pairs may come twice, and a weight of nothing is no term.
    expect(
      index.nearest(
        [
          ['a', 1],
          ['b', 4],
          ['a', 2],
          ['c', 0],
        ],
        { limit: 1 },
      ),
    ).toEqual([{ id: 0, score: 1 }]);
  });

  test('leaves out whom it is told to, in each of the ways', async () => {
    const random = new Random(3);
    using index = new SparseVectorIndex();
    const ids = Array.from({ length: 20_000 }, (_, id) => id);
    for (const id of ids) index.put(id, makeVector(random, 15));
    await index.refresh();
    for (let round = 0; round < 3; round++) {
      const to = random.below(20_000);
      const may = (id: number): boolean => id % 50 === round || id === to;
      const bits = new Uint32Array(20_000 / 32 - 50);
      for (const id of ids.slice(0, 32 * bits.length))
        if (may(id)) bits[id >> 5] = (bits[id >> 5] as number) | (1 << (id & 31));
      const exclude = index.nearest(to, { limit: 20 }).map(({ id }) => id);
      const not = new Set(exclude);
      const wanted = compareWithAll(index, ids, to, 30, (id) => !not.has(id));
      expect(index.nearest(to, { limit: 30, exclude })).toEqual(wanted);
      const some = compareWithAll(index, ids, to, 30, (id) => may(id) && !not.has(id));
      expect(index.nearest(to, { limit: 30, exclude: not, filter: may })).toEqual(some);
      const within = compareWithAll(index, ids, to, 30, (id) => may(id) && id < 32 * bits.length);
      expect(index.nearest(to, { limit: 30, filter: bits })).toEqual(within);
    }
    expect(index.nearest(0, { filter: () => false })).toEqual([]);
  });

  test('writes into arrays of the caller what it gives as objects', () => {
    const random = new Random(4);
    using index = new SparseVectorIndex();
    for (let id = 0; id < 300; id++) index.put(id, makeVector(random, 20));
    const target = { ids: new Uint32Array(12), scores: new Float32Array(10) };
    for (const options of [{}, { limit: 3 }, { filter: (id: number) => id > 150 }]) {
      const wanted = index.nearest(5, { limit: 10, ...options });
      const found = index.nearestInto(5, target, options);
      expect([found, [...target.ids.slice(0, found)]]).toEqual([wanted.length, wanted.map(({ id }) => id)]);
      expect([...target.scores.slice(0, found)]).toEqual(wanted.map(({ score }) => Math.fround(score)));
    }
  });

  test('a row of many terms, and weights of every size', () => {
    using index = new SparseVectorIndex();
    const wide = Object.fromEntries(Array.from({ length: 4_096 }, (_, i) => [`t${i}`, 1]));
    index.put(0, wide);
    index.put(1, { t7: 1e9, t8: 1e-9 });
    index.put(2, { t8: 1e-9 });
    expect(index.nearest(wide)).toMatchObject([{ id: 0, score: 1 }, { id: 1 }, { id: 2 }]);
    expect(index.nearest({ t8: 1e9 }, { limit: 1 })).toEqual([{ id: 2, score: 1 }]);
    expect(index.similarity(1, 2)).toBeCloseTo(1e-18, 24);
  });
});
