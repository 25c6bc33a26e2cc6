import type { Steps } from '../steps';

/**
 * Eigenvalues (descending) and eigenvectors of a symmetric matrix: Householder tridiagonalisation, then the implicit QL algorithm
 * (Golub and Van Loan, Matrix Computations, 8.3). O(n³). `matrix` is overwritten; row i of `vectors` belongs to values[i].
 */
export function* symmetricEigen(
  matrix: Float64Array,
  n: number,
): Steps<{ values: Float64Array; vectors: Float64Array }> {
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  const scale = new Float64Array(n);
  for (let k = 0; k + 1 < n; k++) {
    reflect(matrix, n, k, d, e, scale);
    if (k % 4 === 0) yield;
  }
  d[n - 1] = matrix[n * n - 1] as number;
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  yield* diagonalise(d, e, n, rows);
  for (let i = 0; i < n; i++) {
    for (let k = n - 2; k >= 0; k--) {
      if (scale[k] === 0) continue;
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += (rows[i * n + j] as number) * (matrix[k * n + j] as number);
      sum *= scale[k] as number;
      for (let j = k + 1; j < n; j++) (rows[i * n + j] as number) -= sum * (matrix[k * n + j] as number);
    }
    yield;
  }
  const order = Array.from(d.keys()).sort((a, b) => (d[b] as number) - (d[a] as number));
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => vectors.set(rows.subarray(from * n, from * n + n), to * n));
  return { values: Float64Array.from(order, (i) => d[i] as number), vectors };
}

/** Column k to zeros below the subdiagonal; row k of `a` keeps the reflector I − scale v vᵀ. */
function reflect(a: Float64Array, n: number, k: number, d: Float64Array, e: Float64Array, scale: Float64Array): void {
  const from = k + 1;
  d[k] = a[k * n + k] as number;
  let norm = 0;
  for (let j = from; j < n; j++) norm += (a[k * n + j] as number) ** 2;
  norm = Math.sqrt(norm);
  const first = a[k * n + from] as number;
  e[k] = first;
  if (from === n - 1 || norm === 0 || norm === Math.abs(first)) return;
  e[k] = first > 0 ? -norm : norm;
  a[k * n + from] = first - (e[k] as number);
  let squares = 0;
  for (let j = from; j < n; j++) squares += (a[k * n + j] as number) ** 2;
  const by = 2 / squares;
  scale[k] = by;
  const v = a.subarray(k * n, k * n + n);
  const p = new Float64Array(n);
  let dot = 0;
  for (let i = from; i < n; i++) {
    let sum = 0;
    for (let j = from; j < n; j++) sum += (a[i * n + j] as number) * (v[j] as number);
    p[i] = by * sum;
    dot += (p[i] as number) * (v[i] as number);
  }
  for (let i = from; i < n; i++) (p[i] as number) -= 0.5 * by * dot * (v[i] as number);
  for (let i = from; i < n; i++) {
    const x = v[i] as number;
    const y = p[i] as number;
    for (let j = from; j < n; j++) (a[i * n + j] as number) -= x * (p[j] as number) + y * (v[j] as number);
  }
}

function* diagonalise(d: Float64Array, e: Float64Array, n: number, rows: Float64Array): Steps<void> {
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(d[i] as number) + Math.abs(e[i] as number));
  for (let l = 0; l < n; l++) {
    for (let attempt = 0; attempt < 100; attempt++) {
      let m = l;
      while (m + 1 < n) {
        const around = Math.max(Math.abs(d[m] as number) + Math.abs(d[m + 1] as number), 1e-3 * norm);
        if (Math.abs(e[m] as number) <= Number.EPSILON * around) break;
        m++;
      }
      if (m === l) break;
      sweep(d, e, n, l, m, rows);
      yield;
    }
  }
}

/** One sweep of implicit QL with Wilkinson's shift. */
function sweep(d: Float64Array, e: Float64Array, n: number, l: number, m: number, rows: Float64Array): void {
  const at = (array: Float64Array, i: number): number => array[i] as number;
  let g = (at(d, l + 1) - at(d, l)) / (2 * at(e, l));
  const root = Math.hypot(g, 1);
  g = at(d, m) - at(d, l) + at(e, l) / (g + (g < 0 || Object.is(g, -0) ? -root : root));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * at(e, i);
    const b = c * at(e, i);
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      (d[i + 1] as number) -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = at(d, i + 1) - p;
    const t = (at(d, i) - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    const low = i * n;
    for (let k = 0; k < n; k++) {
      const x = rows[low + n + k] as number;
      const y = rows[low + k] as number;
      rows[low + n + k] = c * x + s * y;
      rows[low + k] = c * y - s * x;
    }
  }
  (d[l] as number) -= p;
  e[l] = g;
  e[m] = 0;
}
