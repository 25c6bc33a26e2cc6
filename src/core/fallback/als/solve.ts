/**
 * The solvers of one row, as in native/src/als/kernels_body.hpp: (diag(base) + λI + Σ w y yᵀ) x = Σ w y, in the eigenbasis.
 * Every dense triangle is the upper one, row-major, U with UᵀU = matrix.
 */
export interface RowProblem {
  readonly factors: Float32Array;
  readonly f: number;
  readonly columns: Uint32Array;
  readonly weights: Float32Array;
  readonly from: number;
  readonly to: number;
  readonly base: Float64Array;
  readonly lambda: number;
}

/** Scratch that grows to the largest row met. */
export class Solver {
  #z = new Float64Array(0);
  #m = new Float64Array(0);
  #b = new Float64Array(0);
  readonly #d: Float64Array;
  readonly #r: Float64Array;
  readonly #pre: Float64Array;
  readonly #p: Float64Array;
  readonly #ap: Float64Array;
  readonly #x: Float64Array;

  constructor(private readonly f: number) {
    [this.#d, this.#r, this.#pre, this.#p, this.#ap, this.#x] = Array.from(
      { length: 6 },
      () => new Float64Array(f),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  }

  /** Writes the solution to out[at…]; in fast mode that is also where it starts from. */
  solve(q: RowProblem, exact: boolean, out: Float32Array, at: number): void {
    const n = q.to - q.from;
    if (n === 0) out.fill(0, at, at + this.f);
    else if (n <= (exact ? this.f : 12)) this.#dual(q, out, at);
    else if (exact) this.#primal(q, out, at);
    else this.#conjugate(q, out, at);
  }

  #dual(q: RowProblem, out: Float32Array, at: number): void {
    const { f } = this;
    const n = q.to - q.from;
    if (this.#z.length < n * f) this.#z = new Float64Array(n * f);
    if (this.#m.length < n * n) this.#m = new Float64Array(n * n);
    if (this.#b.length < n) this.#b = new Float64Array(Math.max(n, f));
    const z = this.#z;
    const m = this.#m;
    const b = this.#b;
    const root = this.#d;
    for (let k = 0; k < f; k++) root[k] = 1 / Math.sqrt((q.base[k] as number) + q.lambda);
    for (let i = 0; i < n; i++) {
      const y = (q.columns[q.from + i] as number) * f;
      const by = Math.sqrt(q.weights[q.from + i] as number);
      b[i] = by;
      for (let k = 0; k < f; k++) z[i * f + k] = (q.factors[y + k] as number) * (root[k] as number) * by;
    }
    for (let i = 0; i < n; i++) {
      for (let j = i; j < n; j++) {
        let sum = i === j ? 1 : 0;
        for (let k = 0; k < f; k++) sum += (z[i * f + k] as number) * (z[j * f + k] as number);
        m[i * n + j] = sum;
      }
    }
    factor(m, n);
    substitute(m, n, b);
    const x = this.#x.fill(0);
    for (let i = 0; i < n; i++) {
      const by = b[i] as number;
      for (let k = 0; k < f; k++) (x[k] as number) += by * (z[i * f + k] as number);
    }
    for (let k = 0; k < f; k++) out[at + k] = (x[k] as number) * (root[k] as number);
  }

  #primal(q: RowProblem, out: Float32Array, at: number): void {
    const { f } = this;
    if (this.#m.length < f * f) this.#m = new Float64Array(f * f);
    const m = this.#m.fill(0, 0, f * f);
    const x = this.#x.fill(0);
    for (let k = 0; k < f; k++) m[k * f + k] = (q.base[k] as number) + q.lambda;
    addRows(q, m, x);
    factor(m, f);
    substitute(m, f, x);
    out.set(x, at);
  }

  #conjugate(q: RowProblem, out: Float32Array, at: number): void {
    const { f } = this;
    const d = this.#d;
    const r = this.#r;
    const pre = this.#pre;
    const p = this.#p;
    const ap = this.#ap;
    for (let k = 0; k < f; k++) {
      const own = (q.base[k] as number) + q.lambda;
      d[k] = own;
      pre[k] = own;
      p[k] = out[at + k] as number;
      r[k] = -own * (p[k] as number);
    }
    const { factors, columns, weights, from, to } = q;
    for (let i = from; i < to; i++) {
      const y = (columns[i] as number) * f;
      const w = weights[i] as number;
      const by = w - w * dotRow(factors, y, p, f);
      for (let k = 0; k < f; k++) {
        const value = factors[y + k] as number;
        (r[k] as number) += by * value;
        (pre[k] as number) += w * value * value;
      }
    }
    let rz = 0;
    for (let k = 0; k < f; k++) {
      p[k] = (r[k] as number) / (pre[k] as number);
      rz += (r[k] as number) * (p[k] as number);
    }
    if (rz <= 1e-20) return;
    for (let k = 0; k < f; k++) ap[k] = (d[k] as number) * (p[k] as number);
    for (let i = from; i < to; i++) {
      const y = (columns[i] as number) * f;
      addRow(ap, (weights[i] as number) * dotRow(factors, y, p, f), factors, y, f);
    }
    let pap = 0;
    for (let k = 0; k < f; k++) pap += (p[k] as number) * (ap[k] as number);
    const alpha = rz / pap;
    let next = 0;
    for (let k = 0; k < f; k++) {
      (out[at + k] as number) += alpha * (p[k] as number);
      const rest = (r[k] as number) - alpha * (ap[k] as number);
      r[k] = rest;
      next += (rest * rest) / (pre[k] as number);
    }
    if (next <= 1e-20) return;
    // The second step is the last: of its product only the length along p is wanted.
    pap = 0;
    for (let k = 0; k < f; k++) {
      const value = (r[k] as number) / (pre[k] as number) + (next / rz) * (p[k] as number);
      p[k] = value;
      pap += (d[k] as number) * value * value;
    }
    for (let i = from; i < to; i++)
      pap += (weights[i] as number) * dotRow(factors, (columns[i] as number) * f, p, f) ** 2;
    for (let k = 0; k < f; k++) (out[at + k] as number) += (next / pap) * (p[k] as number);
  }
}

/** The product of a row and a vector, in four sums that need not wait for each other. */
export function dotRow(table: Float32Array | Float64Array, at: number, x: Float64Array, f: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < f; k += 4) {
    a += (table[at + k] as number) * (x[k] as number);
    b += (table[at + k + 1] as number) * (x[k + 1] as number);
    c += (table[at + k + 2] as number) * (x[k + 2] as number);
    d += (table[at + k + 3] as number) * (x[k + 3] as number);
  }
  for (; k < f; k++) a += (table[at + k] as number) * (x[k] as number);
  return a + b + (c + d);
}

/** x += by × a row. */
function addRow(x: Float64Array, by: number, table: Float32Array, at: number, f: number): void {
  let k = 0;
  for (; k + 3 < f; k += 4) {
    (x[k] as number) += by * (table[at + k] as number);
    (x[k + 1] as number) += by * (table[at + k + 1] as number);
    (x[k + 2] as number) += by * (table[at + k + 2] as number);
    (x[k + 3] as number) += by * (table[at + k + 3] as number);
  }
  for (; k < f; k++) (x[k] as number) += by * (table[at + k] as number);
}

/** m += Σ w y yᵀ (upper triangle), b += Σ w y. */
export function addRows(q: Omit<RowProblem, 'base' | 'lambda'>, m: Float64Array, b: Float64Array): void {
  const { f } = q;
  for (let e = q.from; e < q.to; e++) {
    const y = (q.columns[e] as number) * f;
    const w = q.weights[e] as number;
    for (let i = 0; i < f; i++) {
      const by = w * (q.factors[y + i] as number);
      (b[i] as number) += by;
      const row = i * f;
      for (let j = i; j < f; j++) (m[row + j] as number) += by * (q.factors[y + j] as number);
    }
  }
}

/** Cholesky, in place. Pivots of these matrices are at least λ. */
export function factor(m: Float64Array, n: number): void {
  for (let k = 0; k < n; k++) {
    const root = Math.sqrt(m[k * n + k] as number);
    m[k * n + k] = root;
    for (let j = k + 1; j < n; j++) (m[k * n + j] as number) /= root;
    for (let i = k + 1; i < n; i++) {
      const by = m[k * n + i] as number;
      for (let j = i; j < n; j++) (m[i * n + j] as number) -= by * (m[k * n + j] as number);
    }
  }
}

/** Solves UᵀU x = b in place. */
export function substitute(u: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const by = (b[i] as number) / (u[i * n + i] as number);
    b[i] = by;
    for (let j = i + 1; j < n; j++) (b[j] as number) -= by * (u[i * n + j] as number);
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i] as number;
    for (let j = i + 1; j < n; j++) sum -= (u[i * n + j] as number) * (b[j] as number);
    b[i] = sum / (u[i * n + i] as number);
  }
}
