import { searchQuerySchema, type SearchAnswer } from '../../../src/contexts/search';
import { Projection } from '../../../src/contexts/search/projection';
import { plan } from '../../../src/contexts/search/results/results-index';
import { TextSearch } from '../../../src/contexts/search/results/text-search';
import { WordIndex, wordsOf } from '../../../src/contexts/search/results/word-index';
import { product, streamed } from './support';

afterEach(() => jest.restoreAllMocks());

async function indexOf(...texts: string[]): Promise<WordIndex> {
  const words = new WordIndex();
  texts.forEach((text, row) => words.add(row, text.split(' ')));
  await words.finish(new AbortController().signal);
  return words;
}

describe('a text with a word that stands for nothing', () => {
  test('is given up at that word, wherever it stands', async () => {
    const words = await indexOf('alpha bravo charlie', 'alpha bravo delta');
    const looked = jest.spyOn(words, 'meantBy');
    for (const text of ['qqqqqq alpha bravo charlie', 'alpha bravo qqqqqq charlie', 'alpha bravo charlie qqqqqq']) {
      looked.mockClear();
      expect(new TextSearch(words).find(plan(text), 2).rows).toHaveLength(0);
      expect(looked.mock.calls.map(([typed]) => typed)).toEqual(['qqqqqq']);
    }
    words.close();
  });
});

describe('a long text', () => {
  const many = Array.from({ length: 60 }, (_, i) => `word${String.fromCharCode(97 + (i % 26))}${i}`);

  test('has 32 words that count, none of them twice', () => {
    expect(plan(many.join(' ')).map((words) => words.map(({ text }) => text))).toEqual([many.slice(0, 32)]);
    expect(plan('red red red mug mug')).toEqual([
      [
        { text: 'red', prefix: false },
        { text: 'mug', prefix: false },
        { text: 'mug', prefix: true },
      ],
    ]);
  });

  test('finds the product whose name it is, and what else begins like it', async () => {
    const shop = await Projection.build(
      () => streamed([product('p1', many.join(' ')), product('p2', many.slice(0, 40).join(' ')), product('p3', 'mug')]),
      new AbortController().signal,
    );
    const { data } = JSON.parse(shop.search(searchQuerySchema.parse({ q: many.join(' ') }))) as SearchAnswer;
    expect(data.map(({ id }) => id).sort()).toEqual(['p1', 'p2']);
    shop.close();
  });
});

test('a compound is found whole and in parts, and finds both; neither of the two is taken for the other', async () => {
  const names = ['T-Shirt', 'Tshirt', 'T Shirt'];
  const words = new WordIndex();
  names.forEach((name, row) => words.add(row, wordsOf(name)));
  await words.finish(new AbortController().signal);
  const text = new TextSearch(words);
  const found = (typed: string): string[] =>
    Array.from(text.findExactly(plan(typed), names.length).rows, (row) => names[row] as string);
  expect(found('t-shirt')).toEqual(['T-Shirt', 'Tshirt', 'T Shirt']);
  expect(found('tshirt')).toEqual(['T-Shirt', 'Tshirt']);
  expect(found('t shirt')).toEqual(['T-Shirt', 'T Shirt']);
  words.close();
});
