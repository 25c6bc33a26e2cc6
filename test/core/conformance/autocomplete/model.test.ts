import fc from 'fast-check';
import { Autocomplete, type Entry } from '../../../../src/core';
import { BruteForce } from '../../../support/brute-force';

const word = fc.constantFrom(
  'red',
  'Red',
  'mug',
  'mugs',
  'magic',
  't-shirt',
  "l'oreal",
  'crème',
  '绿茶',
  'ガス',
  'a',
  '7',
  '𠮷',
);
const id = fc.constantFrom('a', 'b', 'c', 'd', 'é', '～', '😀');
const entry: fc.Arbitrary<Entry> = fc.record(
  {
    id,
    text: fc.array(word, { maxLength: 4 }).map((words) => words.join(' ')),
    weight: fc.oneof(fc.constantFrom(0, 1, 2), fc.double({ min: -1e9, max: 1e9, noNaN: true })),
    categories: fc.uniqueArray(fc.constantFrom('x', 'y', 'z')),
    price: fc.integer({ min: 0, max: 5 }),
    inStock: fc.boolean(),
  },
  { requiredKeys: ['id', 'text', 'weight'] },
);
const query = fc
  .tuple(fc.array(word, { maxLength: 2 }), word, fc.nat(6))
  .map(([words, last, length]) => [...words, [...last].slice(0, 1 + length).join('')].join(' '))
  .filter((text) => /[\p{L}\p{N}]/u.test(text));

type Step =
  | { readonly do: 'set'; readonly entry: Entry }
  | { readonly do: 'delete'; readonly id: string }
  | { readonly do: 'weigh'; readonly id: string; readonly weight: number }
  | { readonly do: 'search'; readonly query: string; readonly fuzzy: boolean };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('set' as const), entry }),
  fc.record({ do: fc.constant('delete' as const), id }),
  fc.record({ do: fc.constant('weigh' as const), id, weight: fc.integer({ min: -3, max: 3 }) }),
  fc.record({ do: fc.constant('search' as const), query, fuzzy: fc.boolean() }),
);

describe('an Autocomplete behaves as a table that is searched by looking at every row', () => {
  test('whatever is done to it, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        using index = new Autocomplete();
        const model = new BruteForce();
        for (const now of steps) {
          if (now.do === 'set') expect(index.set(now.entry)).toBe(model.set(now.entry));
          if (now.do === 'delete') expect(index.delete(now.id)).toBe(model.delete(now.id));
          if (now.do === 'weigh') expect(index.setWeight(now.id, now.weight)).toBe(model.setWeight(now.id, now.weight));
          if (now.do === 'search') {
            const hits = index.search(now.query, { fuzzy: now.fuzzy });
            expect(hits.map((hit) => ({ id: hit.id, slip: hit.slip }))).toEqual(
              model.search(now.query, { fuzzy: now.fuzzy }),
            );
            for (const hit of hits)
              expect(hit).toMatchObject({ text: model.get(hit.id)?.text, weight: model.get(hit.id)?.weight });
          }
          expect(index.size).toBe(model.size);
        }
        for (const key of ['a', 'b', 'c', 'd', 'é', '～', '😀', 'none']) {
          const expected = model.get(key);
          expect(index.has(key)).toBe(expected !== undefined);
          expect(index.get(key)).toEqual(
            expected && { categories: [], inStock: false, ...expected, weight: expected.weight + 0 },
          );
        }
      }),
      { numRuns: 400, seed: 31 },
    );
  });

  test('searchMany, searchIds and search agree', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), fc.array(query, { maxLength: 5 }), (entries, queries) => {
        using index = new Autocomplete();
        for (const one of entries) index.set(one);
        const hits = queries.map((text) => index.search(text));
        expect(index.searchMany(queries)).toEqual(hits);
        expect(queries.map((text) => index.searchIds(text))).toEqual(hits.map((list) => list.map((hit) => hit.id)));
      }),
      { numRuns: 200, seed: 37 },
    );
  });

  test('any well-formed text can be stored, and is found by each of its own words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        using index = new Autocomplete();
        index.set({ id: 'one', text, weight: 1 });
        expect(index.get('one')?.text).toBe(text);
        for (const part of text.split(/\s+/u)) {
          let hits;
          try {
            hits = index.search(part, { fuzzy: false });
          } catch (error) {
            expect(error).toMatchObject({ code: 'ERR_EASY11_EMPTY_QUERY' });
            continue;
          }
          expect(hits).toHaveLength(1);
          for (const [start, end] of hits[0]!.highlights) expect(text.slice(start, end)).not.toMatch(/\p{Surrogate}/u);
        }
      }),
      { numRuns: 1_000, seed: 41 },
    );
  });
});
