import type { Assembly, FunctionNumber, Local, ModuleAssembly } from '../../wasm/assembly';
import { F32, I32, type V128, ZERO } from '../../wasm/values';
import { forFour, sumsOf } from './products';
import { eachFour, eachVector, type Four, spreadLanes, takeRow } from './rows';

/** The triangle solvers that these call. */
export interface Triangles {
  readonly gram: FunctionNumber;
  readonly cholesky: FunctionNumber;
  readonly substitute: FunctionNumber;
}

/** Writes the 16 products of four rows at a and four at b, two rows at a time. */
function writeProducts(f: Assembly, a: I32, b: I32, stride: I32, out: I32, outStride: I32): void {
  const right = forFour((r) => f.integer(b.plus(stride.times(r))));
  for (const r of [0, 2]) {
    const [upper, lower] = [f.integer(a.plus(stride.times(r))), f.integer(a.plus(stride.times(r + 1)))];
    const sums = [forFour(() => f.vector(ZERO)), forFour(() => f.vector(ZERO))] as const;
    eachVector(f, stride, (k) => {
      const [x, y] = [f.vector(upper.at(k)), f.vector(lower.at(k))];
      right.forEach((row, c) => {
        const z = f.vector(row.at(k));
        f.add(sums[0][c] as Local<V128>, x.times(z));
        f.add(sums[1][c] as Local<V128>, y.times(z));
      });
    });
    sums.forEach((four, i) => f.store(out.plus(outStride.times(r + i)), sumsOf(f, four)));
  }
}

/** to = Σ by_r × row r, added to what is there. */
function addScaled(f: Assembly, stride: I32, rows: Four<I32>, by: Four<V128>, to: I32): void {
  eachVector(f, stride, (k) => {
    const total = f.vector(to.at(k));
    rows.forEach((row, r) => f.add(total, row.at(k).times(by[r] as V128)));
    f.store(to.plus(k), total);
  });
}

/** Adds to every number on a diagonal of `bytes` / 4. */
function addToDiagonal(f: Assembly, m: I32, bytes: I32, stride: I32, value: (k: I32) => F32): void {
  const at = f.integer(m);
  f.loop(0, bytes, 4, (k) => {
    f.store(at, at.float().plus(value(k)));
    f.set(at, at.plus(stride).plus(4));
  });
}

/**
 * dual(row): the exact solution D^-½ Zᵀ (I + ZZᵀ)⁻¹ W^½ 1 with Z = W^½ Y D^-½, as #dual in solve.ts. Scratch: a row, n floats, n rows
 * and n × n, with n the number of entries filled up: what fills up adds rows of zeros to Z, and ones to the matrix.
 */
export function defineDual(module: ModuleAssembly, { cholesky, substitute }: Triangles): FunctionNumber {
  return module.define('dual', (f) => {
    const q = takeRow(f);
    const { stride, bytes, base, x, scratch: root } = q;
    const b = f.integer(root.plus(stride));
    const z = f.integer(b.plus(bytes));
    const m = f.integer(z.plus(bytes.shifted(2).times(stride)));
    const four = f.integer(stride.times(4));
    const lambda = f.vector(q.lambda.splat());
    const one = f.vector(F32.of(1).splat());
    eachVector(f, stride, (k) => {
      f.store(root.plus(k), one.over(base.at(k).plus(lambda).root()));
      f.store(x.plus(k), ZERO);
    });
    const to = f.integer(z);
    eachFour(f, q, (rows, weights, at) => {
      const roots = f.vector(weights.vector().root());
      f.store(b.plus(at), roots);
      const by = spreadLanes(f, roots);
      const own = forFour((r) => f.integer(to.plus(stride.times(r))));
      eachVector(f, stride, (k) => {
        const scale = f.vector(root.at(k));
        rows.forEach((row, r) => {
          const value = row
            .at(k)
            .times(scale)
            .times(by[r] as V128);
          f.store((own[r] as I32).plus(k), value);
        });
      });
      f.move(to, four);
    });
    const left = f.integer(z);
    f.loop(0, bytes, 16, (i) => {
      const right = f.integer(left);
      const rows = f.integer(m.plus(i.shifted(2).times(bytes)));
      f.loop(i, bytes, 16, (j) => {
        writeProducts(f, left, right, stride, rows.plus(j), bytes);
        f.move(right, four);
      });
      f.move(left, four);
    });
    addToDiagonal(f, m, bytes, bytes, () => F32.of(1));
    f.call(cholesky, m, bytes, bytes);
    f.call(substitute, m, bytes, bytes, b);
    f.set(to, z);
    f.loop(0, bytes, 16, (i) => {
      const rows = forFour((r) => f.integer(to.plus(stride.times(r))));
      addScaled(f, stride, rows, spreadLanes(f, f.vector(b.at(i))), x);
      f.move(to, four);
    });
    eachVector(f, stride, (k) => f.store(x.plus(k), x.at(k).times(root.at(k))));
  });
}

/** Entries whose matrix is summed in one go: so many rows of scratch. */
export const PRIMAL_ROWS = 128;

/** primal(row): the f × f system of #primal in solve.ts. Scratch: stride / 4 rows for the matrix, and PRIMAL_ROWS. */
export function definePrimal(module: ModuleAssembly, { gram, cholesky, substitute }: Triangles): FunctionNumber {
  return module.define('primal', (f) => {
    const q = takeRow(f);
    const { stride, bytes, base, x, scratch: m } = q;
    const z = f.integer(m.plus(stride.shifted(2).times(stride)));
    f.loop(m, z, 16, (at) => f.store(at, ZERO));
    eachVector(f, stride, (k) => f.store(x.plus(k), ZERO));
    addToDiagonal(f, m, stride, stride, (k) => base.plus(k).float().plus(q.lambda));
    f.loop(0, bytes, 4 * PRIMAL_ROWS, (from) => {
      const size = f.integer(bytes.minus(from).least(I32.of(4 * PRIMAL_ROWS)));
      const part = {
        ...q,
        columns: f.integer(q.columns.plus(from)),
        weights: f.integer(q.weights.plus(from)),
        bytes: size,
      };
      const to = f.integer(z);
      eachFour(f, part, (rows, at) => {
        const weights = f.vector(at.vector());
        addScaled(f, stride, rows, spreadLanes(f, weights), x);
        const roots = spreadLanes(f, f.vector(weights.root()));
        rows.forEach((row, r) => {
          eachVector(f, stride, (k) => f.store(to.plus(k), row.at(k).times(roots[r] as V128)));
          f.move(to, stride);
        });
      });
      f.call(gram, z, size.shifted(2), stride, m);
    });
    f.call(cholesky, m, stride, stride);
    f.call(substitute, m, stride, stride, x);
  });
}
