import { RangeIndex } from '../../../../src/core';
import { codeOf, thrownCode } from '../../../support/interactions';
import { schema } from '../../../support/range-model';

/** What JavaScript callers and parsed JSON may hand over, whatever the types say. */
const anything = (value: unknown): never => value as never;

const NOT_OBJECTS = [null, 5, 'x', true, NaN] as const;
const OPTION = 'ERR_EASY11_INVALID_OPTION';

const outcome = async (work: () => unknown): Promise<string> => {
  let result: unknown;
  const thrown = thrownCode(() => (result = work()));
  return thrown === 'nothing thrown' ? codeOf(Promise.resolve(result)) : thrown;
};

describe('every method of RangeIndex answers nonsense with a code', () => {
  const row = { price: 100, rating: 4.5, popularity: 3, stock: 1, category: 'shoes', brand: 'a', visible: true };
  let index: RangeIndex;
  beforeEach(() => {
    index = new RangeIndex(schema);
    index.set(1, row);
  });
  afterEach(() => {
    expect([index.size, index.get(1)]).toEqual([1, row]);
    index.close();
  });

  test.each<[string, (options: never) => unknown]>([
    ['build', (options) => RangeIndex.build(schema, [], options)],
    ['fromColumns', (options) => RangeIndex.fromColumns(schema, {}, options)],
    ['load', (options) => RangeIndex.load('/tmp/never', options)],
    ['save', (options) => index.save('/tmp/never', options)],
    ['top', (options) => index.top(options)],
    ['list', (options) => index.list(options)],
    ['page', (options) => index.page(options)],
    ['histogram', (options) => index.histogram('price', options)],
    ['a histogram of a page', (options) => index.page({ histogram: options })],
    ['one of several', (options) => index.page({ histograms: { price: options } })],
  ])('%s: options that are none, and names that are misspelt', async (_name, call) => {
    for (const options of [...NOT_OBJECTS, { lmit: 5 }])
      expect([options, await outcome(() => call(anything(options)))]).toEqual([options, OPTION]);
  });

  test.each<[string, (name: never) => unknown]>([
    ['aggregate', (name) => index.aggregate(name)],
    ['top', (name) => index.top({ by: name })],
    ['facetCounts', (name) => index.facetCounts(name)],
    ['facetValues', (name) => index.facetValues(name)],
    ['named', (name) => index.named(name, Uint32Array.of(1))],
    ['facet', (name) => index.facet(name)],
    ['facets', (name) => index.facets([name])],
    ['page', (name) => index.page({ facets: [name] })],
    ['histogram', (name) => index.histogram(name)],
    ['quantiles', (name) => index.quantiles(name, [0.5])],
    ['rank', (name) => index.rank(name, 5)],
    ['select', (name) => index.select(name, 0)],
    ['list', (name) => index.list({ by: name })],
  ])('%s: attributes that are none', async (_name, call) => {
    for (const name of [null, undefined, 5, NaN, {}, [], true, 'toString', '__proto__'])
      expect([name, await outcome(() => call(anything(name)))]).toEqual([name, 'ERR_EASY11_UNKNOWN_ATTRIBUTE']);
  });

  test.each<[string, (where: never) => unknown]>([
    ['count', (where) => index.count(where)],
    ['aggregate', (where) => index.aggregate('price', where)],
    ['top', (where) => index.top({ by: 'rating', where })],
    ['facetCounts', (where) => index.facetCounts('brand', where)],
    ['facet', (where) => index.facet('brand', where)],
    ['facets', (where) => index.facets(['brand'], where)],
    ['page', (where) => index.page({ where })],
    ['histogram', (where) => index.histogram('price', { where })],
    ['quantiles', (where) => index.quantiles('price', [0.5], where)],
    ['rank', (where) => index.rank('price', 5, where)],
    ['select', (where) => index.select('price', 0, where)],
    ['list', (where) => index.list({ by: 'price', where })],
    ['explain', (where) => index.explain(where)],
  ])('%s: conditions that are none', async (_name, call) => {
    for (const where of [...NOT_OBJECTS, { rating: null }, { rating: NaN }, { rating: { lte: NaN } }, { brand: 5 }])
      expect([where, await outcome(() => call(anything(where)))]).toEqual([where, 'ERR_EASY11_INVALID_FILTER']);
  });

  test.each<[string, () => unknown]>([
    ['facets of null', () => index.facets(anything(null))],
    ['facets in a text', () => index.facets(anything('brand'))],
    ['facets of a page that are a number', () => index.page({ facets: anything(5) })],
    ['facets of a page in a text', () => index.page({ facets: anything('brand') })],
    ['counts of null', () => index.named('category', anything(null))],
    ['counts in words', () => index.named('category', anything('11'))],
    ['counts that are numbers of another kind', () => index.named('category', anything([1, NaN]))],
    ['a histogram from NaN', () => index.histogram('price', { min: NaN })],
    ['a histogram to null', () => index.histogram('price', { max: anything(null) })],
    ['a histogram of no rows from NaN', () => index.histogram('price', { min: NaN, where: { price: { gte: 500 } } })],
    ['shares in words', () => index.quantiles('price', [anything('0.5')])],
    ['shares with a hole', () => index.quantiles('price', anything(Array(1)))],
    ['shares of NaN', () => index.quantiles('price', [NaN])],
    ['an offset of NaN', () => index.list({ by: 'price', offset: NaN })],
    ['a place of NaN', () => index.select('price', NaN)],
    ['rows of null', () => RangeIndex.build(schema, anything(null))],
    ['columns of null', () => RangeIndex.fromColumns(schema, anything({ price: null }))],
    ['columns of less than no rows', () => RangeIndex.fromColumns(schema, anything({ price: { length: -1 } }))],
    ['columns without end', () => RangeIndex.fromColumns(schema, anything({ price: { length: 2 ** 40 } }))],
    ['a path of null', () => RangeIndex.load(anything(null))],
    ['a path to save to of null', () => index.save(anything(null))],
  ])('%s', async (_what, call) => {
    expect(await outcome(call)).toBe(OPTION);
  });

  test.each([
    [{ numbers: { price: { tree: true } }, facet: ['brand'] }],
    [{ numbers: { price: { tre: true }, rating: { tree: true } } }],
    [{ numbers: { price: { tree: { aggregate: ['rating'] } } } }],
    [{ numbers: { price: { tree: true } }, facets: [5] }],
    [{ numbers: { price: { tree: true } }, facets: ['__proto__'] }],
  ])('the schema %j', (bad) => {
    expect(thrownCode(() => new RangeIndex(anything(bad)))).toBe('ERR_EASY11_INVALID_SCHEMA');
  });

  test('a closed index has no facets, not even none', () => {
    const closed = new RangeIndex(schema);
    closed.close();
    expect(thrownCode(() => closed.facets([]))).toBe('ERR_EASY11_CLOSED');
  });
});
