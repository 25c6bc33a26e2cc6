import { Autocomplete, Easy11Error, type Entry } from '../../../../src/core';

const good: Entry = { id: 'one', text: 'Red Mug', weight: 5, categories: ['mugs'], price: 3, inStock: true };

/** What JavaScript callers and parsed JSON may hand over, whatever the types say. */
const anything = (value: unknown): never => value as never;

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(Easy11Error);
    return (error as Easy11Error).code;
  }
  return 'nothing thrown';
}

async function rejectionOf(work: () => Promise<unknown>): Promise<Easy11Error> {
  const error: unknown = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Easy11Error);
  return error as Easy11Error;
}

const badEntries: [string, object, string][] = [
  ['an empty id', { id: '' }, 'ERR_EASY11_INVALID_ID'],
  ['an id of 1,025 units', { id: 'x'.repeat(1_025) }, 'ERR_EASY11_INVALID_ID'],
  ['an id with a lone surrogate', { id: 'a\ud800' }, 'ERR_EASY11_INVALID_ID'],
  ['an id with U+0001', { id: 'a\u0001b' }, 'ERR_EASY11_INVALID_ID'],
  ['a number for an id', { id: 7 }, 'ERR_EASY11_INVALID_ID'],
  ['a text with a lone surrogate', { text: 'mug \udc00' }, 'ERR_EASY11_INVALID_TEXT'],
  ['a text of 10,001 units', { text: 'x'.repeat(10_001) }, 'ERR_EASY11_INVALID_TEXT'],
  ['no text', { text: undefined }, 'ERR_EASY11_INVALID_TEXT'],
  ['a weight of NaN', { weight: NaN }, 'ERR_EASY11_INVALID_WEIGHT'],
  ['an infinite weight', { weight: Infinity }, 'ERR_EASY11_INVALID_WEIGHT'],
  ['a weight beyond 2^53', { weight: 2 ** 53 + 2 }, 'ERR_EASY11_INVALID_WEIGHT'],
  ['a weight below -2^53', { weight: -(2 ** 53) - 2 }, 'ERR_EASY11_INVALID_WEIGHT'],
  ['a weight in words', { weight: '5' }, 'ERR_EASY11_INVALID_WEIGHT'],
  ['a price of NaN', { price: NaN }, 'ERR_EASY11_INVALID_PRICE'],
  ['a price beyond 2^53', { price: 1e300 }, 'ERR_EASY11_INVALID_PRICE'],
  ['a price of null', { price: null }, 'ERR_EASY11_INVALID_PRICE'],
  ['categories that are no list', { categories: 'mugs' }, 'ERR_EASY11_INVALID_CATEGORY'],
  ['an empty category', { categories: ['mugs', ''] }, 'ERR_EASY11_INVALID_CATEGORY'],
  ['a category with U+0001', { categories: ['a\u0001b'] }, 'ERR_EASY11_INVALID_CATEGORY'],
  ['256 categories', { categories: Array.from({ length: 256 }, String) }, 'ERR_EASY11_INVALID_CATEGORY'],
  ['a word for inStock', { inStock: 'yes' }, 'ERR_EASY11_INVALID_OPTION'],
];

const badSearches: [string, unknown, unknown, string][] = [
  ['an empty query', '', undefined, 'ERR_EASY11_EMPTY_QUERY'],
  ['a query of spaces', '   ', undefined, 'ERR_EASY11_EMPTY_QUERY'],
  ['a query of punctuation', '!? - ’', undefined, 'ERR_EASY11_EMPTY_QUERY'],
  ['a query of emoji', '🎁', undefined, 'ERR_EASY11_EMPTY_QUERY'],
  ['an empty query in prefix mode', '…', { match: 'prefix' }, 'ERR_EASY11_EMPTY_QUERY'],
  ['a query of 1,001 units', 'a'.repeat(1_001), undefined, 'ERR_EASY11_QUERY_TOO_LONG'],
  ['a query of 10,000 units', 'red '.repeat(2_500), undefined, 'ERR_EASY11_QUERY_TOO_LONG'],
  ['a query with a lone high surrogate', 'red \ud83d', undefined, 'ERR_EASY11_INVALID_QUERY'],
  ['a query with a lone low surrogate', '\udc00red', undefined, 'ERR_EASY11_INVALID_QUERY'],
  ['no query', undefined, undefined, 'ERR_EASY11_INVALID_QUERY'],
  ['a number for a query', 42, undefined, 'ERR_EASY11_INVALID_QUERY'],
  ['a limit of 0', 'red', { limit: 0 }, 'ERR_EASY11_INVALID_LIMIT'],
  ['a limit of 1,001', 'red', { limit: 1_001 }, 'ERR_EASY11_INVALID_LIMIT'],
  ['half a limit', 'red', { limit: 1.5 }, 'ERR_EASY11_INVALID_LIMIT'],
  ['a limit of NaN', 'red', { limit: NaN }, 'ERR_EASY11_INVALID_LIMIT'],
  ['options that are none', 'red', 5, 'ERR_EASY11_INVALID_OPTION'],
  ['null for options', 'red', null, 'ERR_EASY11_INVALID_OPTION'],
  ['a word for fuzzy', 'red', { fuzzy: 'yes' }, 'ERR_EASY11_INVALID_OPTION'],
  ['an unknown kind of match', 'red', { match: 'infix' }, 'ERR_EASY11_INVALID_OPTION'],
  ['an option that does not exist', 'red', { limitt: 3 }, 'ERR_EASY11_INVALID_OPTION'],
  ['a condition that does not exist', 'red', { filter: { instock: true } }, 'ERR_EASY11_INVALID_FILTER'],
  ['a word for highlight', 'red', { highlight: 'yes' }, 'ERR_EASY11_INVALID_OPTION'],
  ['null for a filter', 'red', { filter: null }, 'ERR_EASY11_INVALID_FILTER'],
  ['no categories to choose from', 'red', { filter: { category: [] } }, 'ERR_EASY11_INVALID_FILTER'],
  ['an empty category', 'red', { filter: { category: '' } }, 'ERR_EASY11_INVALID_FILTER'],
  ['a number for a category', 'red', { filter: { category: 5 } }, 'ERR_EASY11_INVALID_FILTER'],
  ['a number for a price', 'red', { filter: { price: 5 } }, 'ERR_EASY11_INVALID_FILTER'],
  ['a price bound of NaN', 'red', { filter: { price: { gte: NaN } } }, 'ERR_EASY11_INVALID_FILTER'],
  ['an infinite price bound', 'red', { filter: { price: { lte: Infinity } } }, 'ERR_EASY11_INVALID_FILTER'],
  ['a number for inStock', 'red', { filter: { inStock: 1 } }, 'ERR_EASY11_INVALID_FILTER'],
];

describe('Autocomplete refuses bad input with a code and stays as it was', () => {
  let index: Autocomplete;
  let before: unknown;
  const state = (): unknown => [
    index.size,
    index.get('one'),
    index.search('red m'),
    index.search('red', { filter: { category: 'mugs', price: { gte: 3, lte: 3 }, inStock: true } }),
    index.stats().entries,
  ];
  beforeEach(async () => {
    index = await Autocomplete.build([good, { id: 'two', text: 'Red T-Shirt', weight: 5 }]);
    before = state();
  });
  afterEach(() => {
    expect(state()).toStrictEqual(before);
    index.close();
  });

  test.each(badEntries)('set: %s', (_, change, code) => {
    expect(codeOf(() => index.set(anything({ ...good, ...change })))).toBe(code);
  });

  test.each(badEntries)('build: %s', async (_, change, code) => {
    const error = await rejectionOf(() => Autocomplete.build(anything([good, { ...good, id: 'three', ...change }])));
    expect(error.code).toBe(code);
    expect(error.message).toContain('Entry 1');
  });

  test.each(badSearches)('search: %s', (_, query, options, code) => {
    for (const work of [
      () => index.search(anything(query), anything(options)),
      () => index.searchIds(anything(query), anything(options)),
      () => index.searchMany(['red', anything(query)], anything(options)),
    ]) {
      expect(codeOf(work)).toBe(code);
    }
  });

  test('an entry, a list of queries, or a source that is none', async () => {
    expect(codeOf(() => index.set(anything(null)))).toBe('ERR_EASY11_INVALID_OPTION');
    expect(codeOf(() => index.searchMany(anything('red')))).toBe('ERR_EASY11_INVALID_QUERY');
    for (const source of [5, null, {}, 'text']) {
      expect((await rejectionOf(() => Autocomplete.build(anything(source)))).code).toBe('ERR_EASY11_INVALID_OPTION');
    }
    for (const options of [null, 5, { signal: 5 }, { onProgress: 'loud' }]) {
      const error = await rejectionOf(() => Autocomplete.build([], anything(options)));
      expect(error.code).toBe('ERR_EASY11_INVALID_OPTION');
    }
  });

  test('ids and weights of single operations', () => {
    for (const work of [
      () => index.has(''),
      () => index.get(anything(1)),
      () => index.delete('\ud800'),
      () => index.setWeight('', 1),
    ]) {
      expect(codeOf(work)).toBe('ERR_EASY11_INVALID_ID');
    }
    expect(codeOf(() => index.setWeight('one', NaN))).toBe('ERR_EASY11_INVALID_WEIGHT');
    expect(codeOf(() => index.setWeight('one', 2 ** 53 + 2))).toBe('ERR_EASY11_INVALID_WEIGHT');
  });

  test('a duplicate id in a bulk build', async () => {
    const error = await rejectionOf(() => Autocomplete.build([good, { ...good, text: 'Blue Mug' }]));
    expect(error.code).toBe('ERR_EASY11_DUPLICATE_ID');
    expect(error.message).toContain('"one"');
  });

  test('a path that is none', async () => {
    for (const path of ['', 5, 'a\0b', undefined]) {
      expect((await rejectionOf(() => index.save(anything(path)))).code).toBe('ERR_EASY11_INVALID_OPTION');
      expect((await rejectionOf(() => Autocomplete.load(anything(path)))).code).toBe('ERR_EASY11_INVALID_OPTION');
    }
  });
});

describe('Autocomplete at the edge of what is allowed', () => {
  test('takes the largest of everything', () => {
    using index = new Autocomplete();
    const entry: Entry = {
      id: 'i'.repeat(1_024),
      text: 'word '.repeat(2_000),
      weight: 2 ** 53,
      categories: Array.from({ length: 255 }, (_, number) => `category ${number}`),
      price: -(2 ** 53),
      inStock: false,
    };
    expect(index.set(entry)).toBe(true);
    expect(index.get(entry.id)).toStrictEqual(entry);
    expect(index.searchIds('word '.repeat(200))).toEqual([entry.id]);
    expect(index.searchIds('w', { filter: { category: 'category 254', price: { lte: -1 } } })).toEqual([entry.id]);
  });

  test('takes texts without a word, and finds them by nothing', () => {
    using index = new Autocomplete();
    for (const text of ['', '!!!', '🎁', '’-’']) index.set({ id: text || 'empty', text, weight: 1 });
    expect(index.size).toBe(4);
    expect(index.search('a', { limit: 1_000 })).toEqual([]);
    expect(index.get('🎁')?.text).toBe('🎁');
  });

  test('-0 weighs as much as 0', () => {
    using index = new Autocomplete();
    index.set({ id: 'b', text: 'mug', weight: 0 });
    index.set({ id: 'a', text: 'mug', weight: -0 });
    expect(index.searchIds('mug')).toEqual(['a', 'b']);
    expect(Object.is(index.get('a')?.weight, 0)).toBe(true);
  });

  test('ties are in code-point order, which is not that of UTF-16', () => {
    using index = new Autocomplete();
    for (const id of ['😀', '～', 'a', 'Z']) index.set({ id, text: 'mug', weight: 1 });
    expect(index.searchIds('mug')).toEqual(['Z', 'a', '～', '😀']);
  });

  test('an entry without a price meets no bound', () => {
    using index = new Autocomplete();
    index.set({ id: 'free', text: 'mug', weight: 1, price: 0 });
    index.set({ id: 'unknown', text: 'mug', weight: 2 });
    expect(index.searchIds('mug', { filter: { price: { gte: -5 } } })).toEqual(['free']);
    expect(index.searchIds('mug', { filter: { price: { lte: 5 } } })).toEqual(['free']);
    expect(index.searchIds('mug', { filter: { price: { gte: 5, lte: -5 } } })).toEqual([]);
    expect(index.searchIds('mug', { filter: { price: {} } })).toEqual(['unknown', 'free']);
    expect(index.searchIds('mug', { filter: { inStock: false } })).toEqual(['unknown', 'free']);
    expect(index.searchIds('mug', { filter: {} })).toEqual(['unknown', 'free']);
    expect(index.searchIds('mug', { filter: { category: 'none' } })).toEqual([]);
  });
});

describe('Autocomplete after close', () => {
  test('refuses every operation, and closes twice without complaint', async () => {
    const index = await Autocomplete.build([good]);
    index.close();
    index.close();
    for (const work of [
      () => index.size,
      () => index.set(good),
      () => index.setWeight('one', 1),
      () => index.delete('one'),
      () => index.has('one'),
      () => index.get('one'),
      () => index.search('red'),
      () => index.searchIds('red'),
      () => index.searchMany(['red']),
      () => index.stats(),
    ]) {
      expect(codeOf(work)).toBe('ERR_EASY11_CLOSED');
    }
    expect((await rejectionOf(() => index.save('/nowhere'))).code).toBe('ERR_EASY11_CLOSED');
    expect(index.backend).toBe(process.env['EASY11_BACKEND']);
  });

  test('a declaration with `using` closes it', () => {
    let kept: Autocomplete;
    {
      using index = new Autocomplete();
      kept = index;
    }
    expect(codeOf(() => kept.size)).toBe('ERR_EASY11_CLOSED');
  });
});
