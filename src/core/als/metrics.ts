/** How good ranked lists are, averaged over the users who took something in the test set. */
export interface Metrics {
  /** Users measured. */
  readonly users: number;
  /** At each k of `at`: hits among the first k ÷ min(k, what the user took): Liang et al. 2018, Rendle et al. */
  readonly recall: Readonly<Record<number, number>>;
  /** The same ÷ what the user took: LightGCN and others. */
  readonly recallOfAll: Readonly<Record<number, number>>;
  /** Gains 1/log₂(rank + 1), ÷ those of the best possible list of length k. */
  readonly ndcg: Readonly<Record<number, number>>;
  /** Mean over the hits among the first k of the precision at their rank, ÷ min(k, what the user took). */
  readonly map: Readonly<Record<number, number>>;
  /** Share of all items that stand among somebody's first k. */
  readonly coverage: Readonly<Record<number, number>>;
}

/** Adds lists up, one user at a time. */
export class MetricsCounter {
  #users = 0;
  readonly #at: readonly number[];
  readonly #recall: Float64Array;
  readonly #recallOfAll: Float64Array;
  readonly #ndcg: Float64Array;
  readonly #map: Float64Array;
  readonly #shown: readonly Set<number>[];

  constructor(
    at: readonly number[],
    private readonly items: number,
  ) {
    this.#at = at;
    [this.#recall, this.#recallOfAll, this.#ndcg, this.#map] = Array.from(
      { length: 4 },
      () => new Float64Array(at.length),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array];
    this.#shown = at.map(() => new Set<number>());
  }

  /** `taken` is what the user took in the test set, items that the model does not know included in its size by `unknown`. */
  add(ranked: ArrayLike<number>, length: number, taken: ReadonlySet<number>, unknown = 0): void {
    const size = taken.size + unknown;
    if (size === 0) return;
    this.#users++;
    this.#at.forEach((k, i) => {
      let hits = 0;
      let gain = 0;
      let precisions = 0;
      for (let rank = 0; rank < Math.min(k, length); rank++) {
        const item = ranked[rank] as number;
        this.#shown[i]?.add(item);
        if (!taken.has(item)) continue;
        hits++;
        gain += 1 / Math.log2(rank + 2);
        precisions += hits / (rank + 1);
      }
      let best = 0;
      for (let rank = 0; rank < Math.min(k, size); rank++) best += 1 / Math.log2(rank + 2);
      (this.#recall[i] as number) += hits / Math.min(k, size);
      (this.#recallOfAll[i] as number) += hits / size;
      (this.#ndcg[i] as number) += gain / best;
      (this.#map[i] as number) += precisions / Math.min(k, size);
    });
  }

  result(): Metrics {
    const mean = (sums: Float64Array): Record<number, number> =>
      Object.fromEntries(this.#at.map((k, i) => [k, this.#users === 0 ? 0 : (sums[i] as number) / this.#users]));
    return {
      users: this.#users,
      recall: mean(this.#recall),
      recallOfAll: mean(this.#recallOfAll),
      ndcg: mean(this.#ndcg),
      map: mean(this.#map),
      coverage: Object.fromEntries(
        this.#at.map((k, i) => [k, (this.#shown[i] as Set<number>).size / Math.max(1, this.items)]),
      ),
    };
  }
}
