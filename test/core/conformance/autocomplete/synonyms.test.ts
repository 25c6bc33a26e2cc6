import { Autocomplete, type Entry, type Synonym } from '../../../../src/core';
import { BruteForce, byRank } from '../../../support/brute-force';
import { Random } from '../../../support/random';

const TEXTS = [
  'TV stand oak',
  'Television 42 inch',
  'Running shoes red',
  'Sneaker cleaning kit',
  'Trainers for the gym',
  'T-Shirt blue',
  'Tee blue',
  'Cell phone case',
  'Mobile case',
  'Sofa bed',
  'Couch grey',
  '手机 壳',
];
const entries: readonly Entry[] = TEXTS.map((text, i) => ({ id: text, text, weight: 100 - i }));

async function found(synonyms: readonly Synonym[], query: string): Promise<string[]> {
  using index = await Autocomplete.build(entries);
  index.setSynonyms(synonyms);
  return index.searchIds(query, { fuzzy: false });
}

describe('synonyms', () => {
  test.each<[string, Synonym, string, string[]]>([
    ['go both ways between words', ['tv', 'television'], 'tv', ['TV stand oak', 'Television 42 inch']],
    ['... and back', ['tv', 'television'], 'television', ['TV stand oak', 'Television 42 inch']],
    ['beside other words, in any order', ['tv', 'television'], '42 tv', ['Television 42 inch']],
    ['before the word that is being typed', ['tv', 'television'], 'television sta', ['TV stand oak']],
    ['only for whole words', ['tv', 'television'], 'telev', ['Television 42 inch']],
    ['one way from the word that has them', { from: 'couch', to: 'sofa' }, 'couch', ['Sofa bed', 'Couch grey']],
    ['... and not back', { from: 'couch', to: 'sofa' }, 'sofa', ['Sofa bed']],
    [
      'from one word to several',
      { from: 'sneaker', to: 'running shoes' },
      'sneaker',
      ['Running shoes red', 'Sneaker cleaning kit'],
    ],
    ['from several words to one', ['cell phone', 'mobile'], 'cell phone', ['Cell phone case', 'Mobile case']],
    ['... beside others', ['cell phone', 'mobile'], 'mobile case', ['Cell phone case', 'Mobile case']],
    ['not from a part of a phrase', { from: 'cell phone', to: 'mobile' }, 'phone', ['Cell phone case']],
    [
      'to several at once',
      { from: 'kicks', to: ['sneaker', 'trainers'] },
      'kicks',
      ['Sneaker cleaning kit', 'Trainers for the gym'],
    ],
    ['of compounds, however they are written', ['t-shirt', 'tee'], 't shirt', ['T-Shirt blue', 'Tee blue']],
    ['... joined', ['t-shirt', 'tee'], 'tshirt blue', ['T-Shirt blue', 'Tee blue']],
    ['... the other way', ['t-shirt', 'tee'], 'tee', ['T-Shirt blue', 'Tee blue']],
    ['whatever the case and the marks', ['CÔUCH', 'Sofa'], 'couch', ['Sofa bed', 'Couch grey']],
    ['in scripts without spaces', ['手机', 'mobile'], 'mobile', ['Mobile case', '手机 壳']],
  ])('%s', async (_, synonym, query, expected) => {
    expect(await found([synonym], query)).toEqual(expected);
  });

  test('of several rules are read together, and those of a synonym are not followed further', async () => {
    const rules: Synonym[] = [['tv', 'television'], { from: 'oak', to: 'inch' }];
    expect(await found(rules, 'tv oak')).toEqual(['TV stand oak', 'Television 42 inch']);
    expect(
      await found(
        [
          { from: 'kicks', to: 'couch' },
          { from: 'couch', to: 'sofa' },
        ],
        'kicks',
      ),
    ).toEqual(['Couch grey']);
  });

  test('rank by weight with the rest, are highlighted, and leave misspelt words last', async () => {
    using index = await Autocomplete.build(entries);
    index.setSynonyms([['couch', 'sofa']]);
    expect(index.search('couch').map(({ id, highlights, slip }) => ({ id, highlights, slip }))).toEqual([
      { id: 'Sofa bed', highlights: [[0, 4]], slip: 0 },
      { id: 'Couch grey', highlights: [[0, 5]], slip: 0 },
    ]);
    expect(index.search('cuoch')[0]?.id).toBe('Couch grey');
    expect(index.searchIds('couch', { match: 'prefix' })).toEqual(['Couch grey']);
    index.setSynonyms([]);
    expect(index.searchIds('couch')).toEqual(['Couch grey']);
  });

  test('answer as the union of what each reading answers', async () => {
    const random = new Random(77);
    const words = Array.from({ length: 60 }, (_, i) => `w${i}x`);
    const many = Array.from({ length: 800 }, (_, i): Entry => {
      const text = Array.from({ length: 2 + random.below(5) }, () => random.pick(words)).join(' ');
      return { id: `p${i}`, text, weight: random.below(50) };
    });
    using index = await Autocomplete.build(many);
    const oracle = new BruteForce(many);
    index.setSynonyms([['w1x', 'w2x w3x'], { from: 'w4x w5x', to: ['w6x', 'w7x w8x'] }]);
    const readings: Readonly<Record<string, readonly string[]>> = {
      w1x: ['w1x', 'w2x w3x'],
      'w2x w3x': ['w2x w3x', 'w1x'],
      'w4x w5x': ['w4x w5x', 'w6x', 'w7x w8x'],
    };
    let hits = 0;
    for (let i = 0; i < 2_000; i++) {
      const phrase = random.pick(Object.keys(readings));
      const other = random.pick(words.slice(20));
      const last = random.pick(words.slice(20)).slice(0, 1 + random.below(3));
      const write = (middle: string): string => [other, middle, last].join(' ');
      const byId = new Map<string, Entry>();
      for (const reading of readings[phrase] as readonly string[]) {
        for (const { id } of oracle.search(write(reading), { fuzzy: false, limit: 1_000 })) {
          byId.set(id, oracle.get(id) as Entry);
        }
      }
      const expected = [...byId.values()]
        .sort(byRank)
        .slice(0, 10)
        .map(({ id }) => id);
      expect(index.searchIds(write(phrase), { fuzzy: false })).toEqual(expected);
      hits += expected.length;
    }
    expect(hits).toBeGreaterThan(500);
  });

  test.each([
    [undefined],
    [7],
    ['tv'],
    [['tv']],
    [[['tv']]],
    [[['tv', 7]]],
    [[['tv', '!']]],
    [[{ from: 'tv' }]],
    [[{ from: 'tv', to: [] }]],
    [[{ to: 'tv' }]],
    [[null]],
    [[['tv', '\ud800']]],
  ])('that are none are refused, and change nothing: %j', async (list) => {
    using index = await Autocomplete.build(entries);
    index.setSynonyms([['couch', 'sofa']]);
    expect(() => index.setSynonyms(list as unknown as Synonym[])).toThrow(
      expect.objectContaining({ code: 'ERR_EASY11_INVALID_OPTION' }),
    );
    expect(index.searchIds('couch')).toEqual(['Sofa bed', 'Couch grey']);
  });
});
