import { gramOf, lambdaOf, type Objective } from './rows';

/**
 * Users' vectors in double precision from the items' vectors: the normal equations (α₀G + λI + Σ w y yᵀ) x = Σ w y, by Cholesky's
 * factorisation, as one finds them in a book. O(f³ + n f²) a user.
 */
export class Reference {
  readonly #gram: Float64Array;

  constructor(
    private readonly items: Float32Array,
    private readonly objective: Objective,
  ) {
    this.#gram = gramOf(items, objective.factors);
  }

  solve(history: ArrayLike<number>): Float64Array {
    const { factors: f, unobservedWeight, weight } = this.objective;
    const matrix = this.#gram.map((value) => value * unobservedWeight);
    const x = new Float64Array(f);
    for (let e = 0; e < history.length; e++) {
      const at = (history[e] as number) * f;
      for (let i = 0; i < f; i++) {
        const value = weight * (this.items[at + i] as number);
        (x[i] as number) += value;
        for (let j = 0; j <= i; j++) (matrix[i * f + j] as number) += value * (this.items[at + j] as number);
      }
    }
    const lambda = lambdaOf(this.objective, history.length, this.items.length / f);
    for (let i = 0; i < f; i++) (matrix[i * f + i] as number) += lambda;
    return solveInPlace(matrix, x);
  }

  /** ‖Y(x − x*)‖ / ‖Yx*‖: how far the scores of all items are off. */
  scoreError(x: ArrayLike<number>, exact: Float64Array): number {
    const off = exact.map((value, k) => (x[k] as number) - value);
    return Math.sqrt(this.#square(off) / this.#square(exact));
  }

  #square(x: Float64Array): number {
    const f = x.length;
    let sum = 0;
    for (let i = 0; i < f; i++)
      for (let j = 0; j < f; j++) sum += (this.#gram[i * f + j] as number) * (x[i] as number) * (x[j] as number);
    return Math.max(0, sum);
  }
}

/** Solves with a symmetric positive matrix, of which the lower triangle is read; both are overwritten. Returns `x`. */
function solveInPlace(matrix: Float64Array, x: Float64Array): Float64Array {
  const f = x.length;
  const at = (i: number, j: number): number => matrix[i * f + j] as number;
  for (let j = 0; j < f; j++) {
    let pivot = at(j, j);
    for (let k = 0; k < j; k++) pivot -= at(j, k) ** 2;
    matrix[j * f + j] = Math.sqrt(pivot);
    for (let i = j + 1; i < f; i++) {
      let value = at(i, j);
      for (let k = 0; k < j; k++) value -= at(i, k) * at(j, k);
      matrix[i * f + j] = value / at(j, j);
    }
  }
  for (let i = 0; i < f; i++) {
    let value = x[i] as number;
    for (let k = 0; k < i; k++) value -= at(i, k) * (x[k] as number);
    x[i] = value / at(i, i);
  }
  for (let i = f - 1; i >= 0; i--) {
    let value = x[i] as number;
    for (let k = i + 1; k < f; k++) value -= at(k, i) * (x[k] as number);
    x[i] = value / at(i, i);
  }
  return x;
}
