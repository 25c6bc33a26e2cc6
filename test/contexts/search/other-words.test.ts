import { searchQuerySchema, type SearchAnswer } from '../../../src/contexts/search';
import { Projection } from '../../../src/contexts/search/projection';
import { product, streamed } from './support';

let shop: Projection;
const NAMES = [
  'Red Retrospot Plate',
  'Place Mat',
  'Plane Toy',
  'Large Teapot',
  'Blue Plant Pot',
  'Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliet',
];

beforeAll(async () => {
  const products = NAMES.map((name, i) => product(`p${i}`, name, { popularity: 10 - i }));
  shop = await Projection.build(() => streamed(products), new AbortController().signal);
});
afterAll(() => shop.close());

const ask = (q: string): SearchAnswer => JSON.parse(shop.search(searchQuerySchema.parse({ q }))) as SearchAnswer;

describe('what to search for instead', () => {
  test('is the likeliest spelling, though its own few products bring misspelt ones with them', () => {
    const { data, suggestions } = ask('plaet');
    expect(data[0]?.name).toBe('Red Retrospot Plate');
    expect(suggestions).toEqual([{ q: 'plate', reason: 'spelling', total: ask('plate').total }]);
    expect(ask('plate').total).toBeGreaterThan(1);
    expect(ask('plate').suggestions).toEqual([]);
  });

  test('is of several misspelt words the next likely spelling, where the likeliest do not stand together', () => {
    // "plaet" alone is likelier "plate", which no blue product has.
    expect(ask('blue plaet')).toMatchObject({
      data: [{ name: 'Blue Plant Pot' }],
      suggestions: [{ q: 'blue plant', reason: 'spelling', total: 1 }],
    });
  });

  test('is also found for the parts of a compound', () => {
    expect(ask('red-plaet').suggestions).toEqual([{ q: 'red plate', reason: 'spelling', total: 1 }]);
  });

  test('is, where no spelling finds anything, the text without a word, the others at their likeliest', () => {
    const { total, suggestions } = ask('plaet teapot');
    expect(total).toBe(0);
    expect(suggestions.map(({ q, reason }) => [q, reason])).toEqual([
      ['plate', 'fewer-words'],
      ['teapot', 'fewer-words'],
    ]);
    for (const { q, total: promised } of suggestions) expect(ask(q).total).toBe(promised);
    expect(ask('plaet qqqqq').suggestions.map(({ q }) => q)).toEqual(['plate']);
  });

  test('has every word of a long text', () => {
    const { data, suggestions } = ask('alpha bravo charlie delta echo foxtrot golf hotel idnia juliet');
    expect(data).toHaveLength(1);
    expect(suggestions).toEqual([
      { q: 'alpha bravo charlie delta echo foxtrot golf hotel india juliet', reason: 'spelling', total: 1 },
    ]);
  });
});
