import type { SimilarRow, SparseVectorIndex } from '../../src/core';
import type { Random } from './random';

export type Vector = Record<string, number>;

/** A vector of some of `terms` words, the first of them more often. */
export function makeVector(random: Random, terms: number, most = 8): Vector {
  const vector: Vector = {};
  for (let i = 1 + random.below(most); i > 0; i--)
    vector[`w${Math.floor(terms * random.next() ** 2)}`] = random.pick([0.4, 0.5, 0.8, 1, 1, 1, 2.5]);
  return vector;
}

/** Rows as plain objects, and cosines by the definition. */
export class VectorsModel {
  readonly rows = new Map<number, Vector>();
  #factors = new Map<string, number>();
  #newFactor: number;

  constructor(private readonly byRarity: boolean) {
    this.#newFactor = byRarity ? Math.LN2 : 1;
  }

  refresh(): void {
    if (!this.byRarity) return;
    const counts = new Map<string, number>();
    for (const vector of this.rows.values())
      for (const term of Object.keys(vector)) counts.set(term, (counts.get(term) ?? 0) + 1);
    this.#factors = new Map(Array.from(counts, ([term, count]) => [term, Math.log(1 + this.rows.size / count)]));
    this.#newFactor = Math.log(1 + Math.max(1, this.rows.size));
  }

  cosine(a: Vector, b: Vector): number {
    const length = (vector: Vector): number =>
      Math.hypot(...Object.entries(vector).map(([term, weight]) => this.#weighed(term, weight)));
    const shared = Object.entries(a).reduce(
      (sum, [term, weight]) => sum + this.#weighed(term, weight) * this.#weighed(term, b[term] ?? 0),
      0,
    );
    return shared / (length(a) * length(b));
  }

  #weighed(term: string, weight: number): number {
    return Math.fround(weight) * (this.#factors.get(term) ?? this.#newFactor);
  }
}

/** What comparing a row with every other finds, by the index's own cosine of two. */
export function compareWithAll(
  index: SparseVectorIndex,
  ids: Iterable<number>,
  to: number,
  limit: number,
  may: (id: number, score: number) => boolean = () => true,
): SimilarRow[] {
  return Array.from(ids)
    .filter((id) => id !== to)
    .map((id) => ({ id, score: index.similarity(to, id) }))
    .filter(({ id, score }) => score > 0 && may(id, score))
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, limit);
}
