import { RangeIndex, type RangeSchema } from '../../../../src/core';
import { schema } from '../../../support/range-model';

const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};
const rejectionOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'fulfilled',
    (error: { code: unknown }) => error.code,
  );
const wrong = (value: unknown): never => value as never;

describe('bad input gets a typed error and loses nothing', () => {
  let index: RangeIndex;
  const row = { price: 100, rating: 4.5, popularity: 3, stock: 1, category: 'shoes', brand: 'a', visible: true };
  beforeEach(() => {
    index = new RangeIndex(schema);
    index.set(1, row);
  });
  afterEach(() => {
    expect(index.get(1)).toEqual(row);
    expect([index.size, index.count({ price: { gte: 100, lte: 100 }, category: 'shoes' })]).toEqual([1, 1]);
    index.close();
  });

  test.each([-1, 0.5, NaN, 2 ** 27, '1', null, undefined])('an id that is %p', (id) => {
    const bad = wrong(id);
    for (const call of [
      () => index.set(bad, row),
      () => index.update(bad, {}),
      () => index.delete(bad),
      () => index.has(bad),
      () => index.get(bad),
    ])
      expect(codeOf(call)).toBe('ERR_EASY11_INVALID_ID');
  });

  test.each([
    ['price', 1.5],
    ['price', 2 ** 31],
    ['price', NaN],
    ['price', '5'],
    ['rating', Infinity],
    ['popularity', -Infinity],
    ['popularity', 2 ** 53 + 2],
    ['popularity', 5n],
    ['category', 5],
    ['category', '\ud800'],
    ['category', 'x'.repeat(1_025)],
    ['visible', 'yes'],
  ])('%s: %p', (name, value) => {
    expect(codeOf(() => index.set(1, { ...row, [name]: wrong(value) }))).toBe('ERR_EASY11_INVALID_VALUE');
    expect(codeOf(() => index.update(1, { [name]: wrong(value) }))).toBe('ERR_EASY11_INVALID_VALUE');
  });

  test('attributes that are not in the schema', () => {
    for (const call of [
      () => index.set(1, { ...row, colour: 'red' }),
      () => index.update(1, { colour: 'red' }),
      () => index.count({ colour: 'red' }),
      () => index.aggregate('colour'),
      () => index.aggregate('category'),
      () => index.facet('price'),
      () => index.facetValues('colour'),
      () => index.top({ by: 'colour' }),
      () => index.list({ by: 'category' }),
      () => index.histogram('colour'),
      () => index.quantiles('visible', [0.5]),
      () => index.rank('colour', 1),
      () => index.page({ facets: ['price'] }),
      () => index.page({ facets: ['brand'], without: { brand: 'colour' } }),
      () => index.page({ facets: ['brand'], without: { brand: 'id' } }),
      () => index.page({ facets: ['brand'], without: { colour: 'price' } }),
      () => index.page({ histograms: { brand: { min: 0, max: 1 } } }),
      () => index.page({ histogram: { attribute: 'colour', min: 0, max: 1 } }),
    ])
      expect(codeOf(call)).toBe('ERR_EASY11_UNKNOWN_ATTRIBUTE');
  });

  test.each([
    [{ price: { gte: 5, lte: 4 } }],
    [{ price: { gt: 5 } }],
    [{ price: { gte: NaN } }],
    [{ price: { gte: '5' } }],
    [{ price: 5 }],
    [{ price: null }],
    [{ category: [] }],
    [{ category: [5] }],
    [{ category: { gte: 5 } }],
    [{ visible: 'true' }],
    [{ visible: [true] }],
    [{ id: 1 }],
    [{ id: [1] }],
    [{ id: null }],
    [{ id: undefined }],
    [{ id: Int32Array.of(1) }],
    [{ id: Uint32Array.of(2, 1) }],
    [{ id: Uint32Array.of(1, 1) }],
    [{ id: { bits: [1] } }],
    [{ id: { bits: Float64Array.of(1) } }],
    [{ id: new Set([1]) }],
    [5],
  ])('the conditions %j', (where) => {
    for (const call of [
      () => index.count(wrong(where)),
      () => index.aggregate('price', wrong(where)),
      () => index.top({ by: 'rating', where: wrong(where) }),
      () => index.facet('brand', wrong(where)),
      () => index.page({ where: wrong(where) }),
      () => index.list({ by: 'price', where: wrong(where) }),
      () => index.explain(wrong(where)),
    ])
      expect(codeOf(call)).toBe('ERR_EASY11_INVALID_FILTER');
  });

  test('limits and bins out of bounds', () => {
    for (const limit of [0, 1_001, 1.5, '5', null].map(wrong)) {
      expect(codeOf(() => index.top({ by: 'rating', limit }))).toBe('ERR_EASY11_INVALID_LIMIT');
      expect(codeOf(() => index.list({ by: 'price', limit }))).toBe('ERR_EASY11_INVALID_LIMIT');
      expect(codeOf(() => index.page({ limit }))).toBe('ERR_EASY11_INVALID_LIMIT');
      expect(codeOf(() => index.histogram('price', { bins: limit }))).toBe('ERR_EASY11_INVALID_LIMIT');
      const histograms = { price: { bins: wrong(limit ?? 0), min: 0, max: 9 } };
      expect(codeOf(() => index.page({ histograms }))).toBe('ERR_EASY11_INVALID_LIMIT');
    }
  });

  test('options that make no sense', () => {
    for (const call of [
      () => index.top({ by: 'price' }),
      () => index.list({ by: 'stock' }),
      () => index.list({ by: 'price', order: wrong('up') }),
      () => index.list({ by: 'price', offset: -1 }),
      () => index.list({ by: 'price', after: wrong('x') }),
      () => index.histogram('price', { min: 5, max: 4 }),
      () => index.histogram('price', { equal: wrong('height') }),
      () => index.quantiles('price', [1.5]),
      () => index.quantiles('price', wrong(0.5)),
      () => index.top(wrong(null)),
      () => index.page({ without: wrong(null) }),
      () => index.page({ histograms: wrong(null) }),
      () => index.page({ histograms: { price: wrong(5) } }),
      () => index.page({ histograms: { price: { min: 5, max: 4 } } }),
      () => index.page({ histograms: { price: { bins: 600, min: 0, max: 9 }, rating: { bins: 401, min: 0, max: 9 } } }),
      () => index.page({ named: 993 }),
      () => index.page({ named: 0.5 }),
    ])
      expect(codeOf(call)).toBe('ERR_EASY11_INVALID_OPTION');
    expect(codeOf(() => index.rank('price', NaN))).toBe('ERR_EASY11_INVALID_VALUE');
    expect(codeOf(() => index.rank('price', 5, { price: { gte: 1 } }))).toBe('ERR_EASY11_INVALID_FILTER');
  });

  test('ids and values that nobody knows are answered, not refused', () => {
    expect([index.delete(7), index.has(7), index.get(7), index.update(7, { price: 1 })]).toEqual([
      false,
      false,
      undefined,
      false,
    ]);
    expect(index.count({ category: 'nowhere' })).toBe(0);
    expect(index.count({ category: ['nowhere', 'shoes'] })).toBe(1);
    expect(index.count({ price: { gte: 100.2, lte: 100.8 } })).toBe(0);
    expect(index.count({ price: { gte: -Infinity, lte: Infinity } })).toBe(1);
    expect(index.list({ by: 'price', offset: 2 ** 40 })).toEqual([]);
  });

  test.each([
    [null],
    [{}],
    [{ numbers: {} }],
    [{ numbers: { price: {} } }],
    [{ numbers: { price: { tree: true, type: 'int8' } } }],
    [{ numbers: { price: { tree: 5 } } }],
    [{ numbers: { price: { tree: { aggregates: ['colour'] } } } }],
    [{ numbers: { price: { tree: true } }, facets: 'category' }],
    [{ numbers: { price: { tree: true } }, facets: ['price'] }],
    [{ numbers: { id: { tree: true } } }],
    [{ numbers: { price: { tree: true, score: 1 } } }],
  ])('the schema %j', (bad) => {
    expect(codeOf(() => new RangeIndex(wrong(bad)))).toBe('ERR_EASY11_INVALID_SCHEMA');
  });

  test('a facet with too many values, and the row that brings one more', () => {
    const small: RangeSchema = { numbers: { price: { tree: true } }, facets: ['tag'] };
    using other = new RangeIndex(small);
    for (let i = 1; i < 16_384; i++) other.set(i, { price: i, tag: `t${i}` });
    expect(codeOf(() => other.set(0, { price: 1, tag: 'more' }))).toBe('ERR_EASY11_INVALID_VALUE');
    expect([other.size, other.count({ tag: 't16383' })]).toEqual([16_383, 1]);
    expect(other.facet('tag', { price: { lte: 3 } }).map(({ value }) => value)).toEqual(['t1', 't2', 't3']);
  });

  test('rows of a build', async () => {
    const build = async (...rows: unknown[]): Promise<unknown> => rejectionOf(RangeIndex.build(schema, wrong(rows)));
    expect(await build({ id: 1 }, { id: 1 })).toBe('ERR_EASY11_DUPLICATE_ID');
    expect(await build({ id: -1 })).toBe('ERR_EASY11_INVALID_ID');
    expect(await build({ id: 1, price: 'x' })).toBe('ERR_EASY11_INVALID_VALUE');
    expect(await build({ id: 1, colour: 'x' })).toBe('ERR_EASY11_UNKNOWN_ATTRIBUTE');
    expect(await build(5)).toBe('ERR_EASY11_INVALID_VALUE');
    expect(await rejectionOf(RangeIndex.build(schema, wrong(5)))).toBe('ERR_EASY11_INVALID_OPTION');
    const columns = async (given: object): Promise<unknown> =>
      rejectionOf(RangeIndex.fromColumns(schema, given as never));
    expect(await columns({ price: [1, 2], rating: [1] })).toBe('ERR_EASY11_INVALID_OPTION');
    expect(await columns({ price: [1, 'x'] })).toBe('ERR_EASY11_INVALID_VALUE');
    expect(await columns({ id: [3, 3] })).toBe('ERR_EASY11_DUPLICATE_ID');
    expect(await columns({ colour: [] })).toBe('ERR_EASY11_UNKNOWN_ATTRIBUTE');
  });

  test('every method after close, but for close itself', () => {
    const closed = new RangeIndex(schema);
    closed.close();
    closed.close();
    for (const call of [
      () => closed.size,
      () => closed.set(1, row),
      () => closed.get(1),
      () => closed.count(),
      () => closed.top({ by: 'rating' }),
      () => closed.page({}),
      () => closed.list({ by: 'price' }),
      () => closed.facets(['brand']),
      () => closed.stats(),
      () => closed.explain(),
    ])
      expect(codeOf(call)).toBe('ERR_EASY11_CLOSED');
  });
});
