import { SparseVectorIndex, type VectorColumns } from '../../../../src/core';

const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};
const wrong = (value: unknown): never => value as never;

describe('bad input gets a typed error and loses nothing', () => {
  let index: SparseVectorIndex;
  beforeEach(() => {
    index = new SparseVectorIndex();
    index.put(1, { tea: 1, pot: 2 });
    index.put(2, { tea: 1 });
  });
  afterEach(() => {
    expect(index.get(1)).toEqual({ tea: 1, pot: 2 });
    expect(index.nearest(1)).toEqual([{ id: 2, score: 1 / Math.sqrt(5) }]);
    expect(index.stats()).toMatchObject({ rows: 2, terms: 2, entries: 3 });
    index.close();
  });

  test.each([-1, 0.5, NaN, 2 ** 27, '1', null, undefined])('an id that is %p', (id) => {
    const bad = wrong(id);
    for (const call of [
      () => index.put(bad, { tea: 1 }),
      () => index.delete(bad),
      () => index.has(bad),
      () => index.get(bad),
      () => index.similarity(1, bad),
      () => index.nearest(1, { exclude: [bad] }),
    ])
      expect(codeOf(call)).toBe('ERR_EASY11_INVALID_ID');
  });

  test.each([-1, -1e-12, NaN, Infinity, 1e10, 1e-10, '1', null])('a weight that is %p', (weight) => {
    for (const call of [
      () => index.put(1, { tea: wrong(weight) }),
      () =>
        index.put(3, [
          ['tea', 1],
          ['pot', wrong(weight)],
        ]),
      () => index.nearest({ tea: wrong(weight) }),
    ])
      expect(codeOf(call)).toBe('ERR_EASY11_INVALID_WEIGHT');
  });

  test('weights of a term that together are too much', () => {
    expect(
      codeOf(() =>
        index.put(1, [
          ['tea', 9e8],
          ['tea', 9e8],
        ]),
      ),
    ).toBe('ERR_EASY11_INVALID_WEIGHT');
  });

  test('vectors that are none', () => {
    for (const vector of [5, 'tea', null, undefined, ['tea'], [5]])
      expect(codeOf(() => index.put(1, wrong(vector)))).toMatch(/^ERR_EASY11_INVALID_(VALUE|TEXT)$/);
    const wide = Array.from({ length: 4_097 }, (_, i): [string, number] => [`t${i}`, 1]);
    expect(codeOf(() => index.put(1, wide))).toBe('ERR_EASY11_INVALID_VALUE');
    expect(codeOf(() => index.put(1, { '': 1 }))).toBe('ERR_EASY11_INVALID_TEXT');
    expect(codeOf(() => index.put(1, { ['x'.repeat(1_025)]: 1 }))).toBe('ERR_EASY11_INVALID_TEXT');
    expect(codeOf(() => index.put(1, [[wrong(5), 1]]))).toBe('ERR_EASY11_INVALID_TEXT');
    for (const empty of [{}, [], { tea: 0 }]) {
      expect(codeOf(() => index.put(1, empty))).toBe('ERR_EASY11_EMPTY_DATA');
      expect(codeOf(() => index.nearest(empty))).toBe('ERR_EASY11_EMPTY_QUERY');
    }
  });

  test('rows that are not there', () => {
    expect([index.has(3), index.get(3), index.delete(3)]).toEqual([false, undefined, false]);
    for (const call of [
      () => index.nearest(3),
      () => index.similarity(1, 3),
      () => index.similarity(3, 1),
      () => index.nearestInto(2 ** 27 - 1, { ids: new Uint32Array(1), scores: new Float64Array(1) }),
    ])
      expect(codeOf(call)).toBe('ERR_EASY11_UNKNOWN_ID');
  });

  test('options that make no sense', () => {
    for (const limit of [0, -1, 1.5, 1_001, NaN, '5'])
      expect(codeOf(() => index.nearest(1, { limit: wrong(limit) }))).toBe('ERR_EASY11_INVALID_LIMIT');
    const target = { ids: new Uint32Array(3), scores: new Float64Array(2) };
    for (const limit of [3, 0])
      expect(codeOf(() => index.nearestInto(1, target, { limit }))).toBe('ERR_EASY11_INVALID_LIMIT');
    for (const options of [{ minScore: -0.1 }, { minScore: 2 }, { minScore: '1' }, { exclude: 5 }, { most: 5 }, null])
      expect(codeOf(() => index.nearest(1, wrong(options)))).toBe('ERR_EASY11_INVALID_OPTION');
    for (const filter of [5, [1], new Uint8Array(4)])
      expect(codeOf(() => index.nearest(1, { filter: wrong(filter) }))).toBe('ERR_EASY11_INVALID_FILTER');
    for (const options of [{ weighting: 'tf' }, { idf: true }, null])
      expect(codeOf(() => new SparseVectorIndex(wrong(options)))).toBe('ERR_EASY11_INVALID_OPTION');
    expect(
      codeOf(() =>
        index.nearest(1, {
          filter: () => {
            throw Object.assign(new Error('no'), { code: 'MINE' });
          },
        }),
      ),
    ).toBe('MINE');
  });

  test('columns that are no rows', () => {
    const good: VectorColumns = {
      ids: Uint32Array.of(5, 6),
      starts: Uint32Array.of(0, 1, 3),
      terms: ['tea', 'lid'],
      places: Uint32Array.of(0, 1, 0),
      weights: Float32Array.of(1, 1, 1),
    };
    const refused: readonly [Partial<Record<keyof VectorColumns, unknown>>, string][] = [
      [{ ids: [5, 6] }, 'VALUE'],
      [{ ids: Uint32Array.of(5, 2 ** 27) }, 'ID'],
      [{ starts: Uint32Array.of(0, 1) }, 'VALUE'],
      [{ starts: Uint32Array.of(0, 1, 2) }, 'VALUE'],
      [{ starts: Uint32Array.of(0, 0, 3) }, 'VALUE'],
      [{ starts: Uint32Array.of(0, 9, 3) }, 'VALUE'],
      [{ terms: ['tea', 'tea'] }, 'VALUE'],
      [{ terms: ['tea', 5] }, 'TEXT'],
      [{ places: Uint32Array.of(0, 1, 1) }, 'VALUE'],
      [{ places: Uint32Array.of(0, 1, 2) }, 'VALUE'],
      [{ weights: Float32Array.of(1, 1) }, 'VALUE'],
      [{ weights: Float32Array.of(1, 1, NaN) }, 'WEIGHT'],
      [{ weights: Float32Array.of(1, 1, 0) }, 'VALUE'],
    ];
    for (const [change, what] of refused)
      expect([what, codeOf(() => index.putMany({ ...good, ...change } as VectorColumns))]).toEqual([
        what,
        `ERR_EASY11_INVALID_${what}`,
      ]);
    expect(codeOf(() => index.putMany(wrong(null)))).toBe('ERR_EASY11_INVALID_VALUE');
  });
});

test('after close, every call says so, close itself and `using` apart', async () => {
  const index = new SparseVectorIndex();
  index.put(1, { tea: 1 });
  const refreshing = index.refresh();
  index.close();
  index.close();
  await refreshing.catch((error: { code: string }) => expect(error.code).toBe('ERR_EASY11_CLOSED'));
  for (const call of [
    () => index.size,
    () => index.put(1, { tea: 1 }),
    () => index.delete(1),
    () => index.has(1),
    () => index.get(1),
    () => index.similarity(1, 1),
    () => index.nearest(1),
    () => index.nearestInto(1, { ids: new Uint32Array(1), scores: new Float64Array(1) }),
    () => index.stats(),
  ])
    expect(codeOf(call)).toBe('ERR_EASY11_CLOSED');
  await expect(index.refresh()).rejects.toMatchObject({ code: 'ERR_EASY11_CLOSED' });
});
