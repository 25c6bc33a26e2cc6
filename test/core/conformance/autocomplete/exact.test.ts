import { Autocomplete } from '../../../../src/core';
import type { Entry, SearchOptions } from '../../../../src/core/autocomplete/types';
import { BruteForce } from '../../../support/brute-force';
import { makeCatalogue, makeEntry, makeFilter, makeQuery, misspell } from '../../../support/catalogue';
import { Random } from '../../../support/random';

/** Compares an index with brute force for many queries; returns how many of them found something. */
function compare(
  index: Autocomplete,
  oracle: BruteForce,
  queries: number,
  nextQuery: () => { query: string; options: SearchOptions },
): number {
  let found = 0;
  for (let i = 0; i < queries; i++) {
    const { query, options } = nextQuery();
    const expected = oracle.search(query, options);
    const actual = index.searchIds(query, options);
    if (expected.length > 0) found++;
    // A comparison by hand: 100,000 calls of expect() would take longer than the searches.
    if (actual.length !== expected.length || actual.some((id, place) => id !== expected[place]?.id)) {
      expect({ query, options, ids: actual }).toEqual({ query, options, ids: expected.map(({ id }) => id) });
    }
  }
  return found;
}

describe('Autocomplete answers exactly what brute force answers', () => {
  const shapes = [
    { name: 'a small catalogue of few words', entries: 200, words: 40, special: 0, queries: 40_000 },
    { name: 'a small catalogue in several scripts', entries: 300, words: 120, special: 0.4, queries: 15_000 },
    { name: 'a catalogue of common words', entries: 2_000, words: 60, special: 0.02, queries: 15_000 },
    { name: 'a catalogue of many words', entries: 5_000, words: 4_000, special: 0.02, queries: 5_000 },
  ];

  test.each(shapes)('for $queries queries of any and of several words in $name', async (shape) => {
    const random = new Random(shape.entries);
    const { entries, vocabulary } = makeCatalogue(random, shape);
    using index = await Autocomplete.build(entries);
    const oracle = new BruteForce(entries);
    const found = compare(index, oracle, shape.queries, () => ({
      query: makeQuery(random, entries, vocabulary),
      options: { fuzzy: false, limit: random.pick([1, 3, 10, 10, 50]) },
    }));
    expect(found).toBeGreaterThan(shape.queries / 2);
  });

  test('for 10,000 prefixes of the text', async () => {
    const random = new Random(7);
    const { entries } = makeCatalogue(random, { entries: 1_000, words: 60, special: 0.1 });
    using index = await Autocomplete.build(entries);
    const oracle = new BruteForce(entries);
    const found = compare(index, oracle, 10_000, () => {
      const { text } = random.pick(entries);
      let end = 1 + random.below(text.length);
      // Not through the middle of a character.
      if (/[\udc00-\udfff]/.test(text.charAt(end))) end++;
      return { query: text.slice(0, end), options: { match: 'prefix', limit: random.pick([1, 10, 100]) } };
    });
    expect(found).toBe(10_000);
  });

  test('for 10,000 filtered queries', async () => {
    const random = new Random(11);
    const { entries, vocabulary } = makeCatalogue(random, { entries: 1_000, words: 80, special: 0.05 });
    using index = await Autocomplete.build(entries);
    const oracle = new BruteForce(entries);
    const found = compare(index, oracle, 10_000, () => ({
      query: makeQuery(random, entries, vocabulary),
      options: { fuzzy: false, filter: makeFilter(random), match: random.pick(['words', 'words', 'prefix']) },
    }));
    expect(found).toBeGreaterThan(2_000);
  });

  test('for 10,000 queries among 10,000 random updates, from an empty index and from a built one', async () => {
    const random = new Random(13);
    const { entries, vocabulary } = makeCatalogue(random, { entries: 400, words: 80, special: 0.05 });
    using built = await Autocomplete.build(entries);
    using empty = new Autocomplete();
    for (const [index, oracle] of [
      [built, new BruteForce(entries)],
      [empty, new BruteForce()],
    ] as const) {
      const live: Entry[] = [...entries];
      for (let round = 0; round < 100; round++) {
        for (let i = 0; i < 50; i++) {
          // Ids from a range twice as long as what is there: new ones, old ones and deleted ones alike.
          const entry = makeEntry(random, vocabulary, random.below(800), 0.05);
          const choice = random.below(4);
          if (choice === 0) expect(index.delete(entry.id)).toBe(oracle.delete(entry.id));
          else if (choice === 1) {
            expect(index.setWeight(entry.id, entry.weight)).toBe(oracle.setWeight(entry.id, entry.weight));
          } else {
            expect(index.set(entry)).toBe(oracle.set(entry));
            live.push(entry);
          }
        }
        compare(index, oracle, 50, () => ({
          query: makeQuery(random, live, vocabulary),
          options: random.chance(0.5) ? { fuzzy: false } : { fuzzy: false, filter: makeFilter(random) },
        }));
      }
      expect(index.size).toBe(oracle.size);
    }
  });

  test('for 3,000 misspelt queries, their slips included, exact answers first', async () => {
    const random = new Random(17);
    const { entries, vocabulary } = makeCatalogue(random, { entries: 400, words: 250, special: 0.1 });
    using index = await Autocomplete.build(entries);
    const oracle = new BruteForce(entries);
    let misspelt = 0;
    for (let i = 0; i < 3_000; i++) {
      const query = misspell(random, makeQuery(random, entries, vocabulary));
      if (!/[\p{L}\p{N}]/u.test(query)) continue;
      const options: SearchOptions = {
        limit: random.pick([1, 5, 10, 40]),
        ...(i % 4 === 0 ? { filter: makeFilter(random) } : {}),
      };
      const actual = index.search(query, options).map(({ id, slip }) => ({ id, slip }));
      expect({ query, options, hits: actual }).toEqual({ query, options, hits: oracle.search(query, options) });
      if (actual.some(({ slip }) => slip > 0)) misspelt++;
    }
    expect(misspelt).toBeGreaterThan(500);
  });
});
