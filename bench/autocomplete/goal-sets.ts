import type { Entry, Filter } from '../../src/core/index.js';
import { type Corpus, makeQueries, misspell, randomSource } from './corpus';

/** What the goals are measured on: entries with filter fields, and the queries of each goal. */

export const SELECTIVITIES = [0.5, 0.1, 0.01, 0.001, 0.0001] as const;

/** One category per selectivity, so that each lets through that share of the entries, and a price spread over 0 to 1. */
export function entriesOf(corpus: Corpus): Entry[] {
  const random = randomSource(31);
  return corpus.titles.map((text, rank) => {
    const share = random();
    const category = SELECTIVITIES.findLast((selectivity) => share < selectivity) ?? 1;
    return {
      id: String(rank),
      text,
      weight: corpus.weights[rank] as number,
      categories: [`c${category}`],
      price: Math.round(random() * 10_000) / 100,
      inStock: random() < 0.5,
    };
  });
}

/** Filters that let about `selectivity` of the entries through, each by another field where a field can. */
export function filtersOf(selectivity: number): Filter[] {
  const upTo = SELECTIVITIES.filter((other) => other <= selectivity).map((other) => `c${other}`);
  const byPrice: Filter = { price: { gte: 20, lte: 20 + 100 * selectivity } };
  return selectivity === 0.5 ? [{ category: upTo }, byPrice, { inStock: true }] : [{ category: upTo }, byPrice];
}

export function wordCounts(corpus: Corpus): [word: string, count: number][] {
  const counts = new Map<string, number>();
  for (const title of corpus.titles) for (const word of title.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** Common words, each before prefixes that few words have: the unhappiest way to intersect. */
export function adversarialQueries(corpus: Corpus, count: number): string[] {
  const random = randomSource(41);
  const counts = wordCounts(corpus);
  const common = counts.slice(0, 60).map(([word]) => word);
  const rare = counts.slice(Math.floor(counts.length / 2)).map(([word]) => word);
  return Array.from({ length: count }, (_, i) => {
    const word = rare[Math.floor(random() * rare.length)] as string;
    const prefix = word.slice(0, 1 + Math.floor(random() * word.length));
    const other = i % 3 === 0 ? `${common[Math.floor(random() * common.length)]} ` : '';
    return `${other}${common[i % common.length]} ${prefix}`;
  });
}

/** Prefixes of words, by length 1 to 8. */
export function keystrokesByLength(corpus: Corpus): string[][] {
  const queries = makeQueries(corpus, 'any word', 30_000).map(({ query }) => query);
  return Array.from({ length: 8 }, (_, i) => queries.filter((query) => query.length === i + 1));
}

/** Words with one slip, of 4 to 7 letters (distance 1) or of 8 and more (distance 2). */
export function slippedWords(corpus: Corpus, distance: 1 | 2): string[] {
  const random = randomSource(43);
  return makeQueries(corpus, 'typo', 6_000)
    .map(({ intended }) => misspell(intended, random))
    .filter((word) => (distance === 1 ? word.length >= 4 && word.length < 8 : word.length >= 8));
}
