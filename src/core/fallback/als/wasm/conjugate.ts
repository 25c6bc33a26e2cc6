import type { Assembly, FunctionNumber, Local, ModuleAssembly } from '../../wasm/assembly';
import { F32, type I32, type V128, ZERO } from '../../wasm/values';
import { PAIR, sumOf } from './products';
import { eachFour, eachVector, type Four, productsWith, type RowParameters, spreadLanes, takeRow } from './rows';

/** Below this a residual is none. */
const NOTHING = 1e-20;

/** to += Σ by_r × row r; with weights, also squares += Σ w_r × (row r)². */
function addRows(
  f: Assembly,
  stride: I32,
  rows: Four<I32>,
  by: Four<V128>,
  to: I32,
  more?: { weights: Four<V128>; squares: I32 },
): void {
  f.loop(0, stride, PAIR, (k) => {
    const at = rows.map((row) => f.integer(row.plus(k)));
    const sum = f.integer(to.plus(k));
    const diagonal = more && f.integer(more.squares.plus(k));
    for (const offset of [0, 16]) {
      const total = f.vector(sum.vector(offset));
      const squares = diagonal && f.vector(diagonal.vector(offset));
      at.forEach((address, r) => {
        const row = f.vector(address.vector(offset));
        f.add(total, row.times(by[r] as V128));
        if (squares) f.add(squares, row.times(more.weights[r] as V128).times(row));
      });
      f.store(sum, total, offset);
      if (diagonal && squares) f.store(diagonal, squares, offset);
    }
  });
}

/** to += Σ w (y·p) y over the row's entries. */
function addProducts(f: Assembly, q: RowParameters, p: I32, to: I32): void {
  eachFour(f, q, (rows, weights) => {
    const products = productsWith(f, rows, p, q.stride);
    addRows(f, q.stride, rows, spreadLanes(f, f.vector(products.times(weights.vector()))), to);
  });
}

/** r += Σ w (1 − y·x) y, and the diagonal += Σ w y². */
function addResidual(f: Assembly, q: RowParameters, r: I32, diagonal: I32): void {
  eachFour(f, q, (rows, at) => {
    const products = productsWith(f, rows, q.x, q.stride);
    const weights = f.vector(at.vector());
    const by = spreadLanes(f, f.vector(weights.minus(weights.times(products))));
    addRows(f, q.stride, rows, by, r, { weights: spreadLanes(f, weights), squares: diagonal });
  });
}

/**
 * conjugate(row): two steps of preconditioned conjugate gradient from x, as #conjugate in solve.ts. Scratch: five rows.
 * Three passes over the entries, each of which reads a row for its product and again, from the first cache, for the sum.
 */
export function defineConjugate(module: ModuleAssembly): FunctionNumber {
  return module.define('conjugate', (f) => {
    const q = takeRow(f);
    const { stride, base, x, scratch: d } = q;
    const r = f.integer(d.plus(stride));
    const inverse = f.integer(r.plus(stride));
    const p = f.integer(inverse.plus(stride));
    const ap = f.integer(p.plus(stride));
    const lambda = f.vector(q.lambda.splat());
    const sum = f.vector();
    const each = (body: (k: Local<I32>) => void): Local<F32> => {
      f.set(sum, ZERO);
      eachVector(f, stride, body);
      return sumOf(f, sum);
    };

    each((k) => {
      const own = f.vector(base.at(k).plus(lambda));
      f.store(d.plus(k), own);
      f.store(inverse.plus(k), own);
      f.store(r.plus(k), ZERO.minus(own.times(x.at(k))));
    });
    addResidual(f, q, r, inverse);
    const one = f.vector(F32.of(1).splat());
    const rz = each((k) => {
      const by = f.vector(one.over(inverse.at(k)));
      const rest = f.vector(r.at(k));
      const z = f.vector(rest.times(by));
      f.store(inverse.plus(k), by);
      f.store(p.plus(k), z);
      f.store(ap.plus(k), z.times(d.at(k)));
      f.add(sum, rest.times(z));
    });
    f.returnUnless(rz.above(F32.of(NOTHING)));

    addProducts(f, q, p, ap);
    const along = each((k) => f.add(sum, p.at(k).times(ap.at(k))));
    const alpha = f.vector(rz.over(along).splat());
    const next = each((k) => {
      f.store(x.plus(k), x.at(k).plus(alpha.times(p.at(k))));
      const rest = f.vector(r.at(k).minus(alpha.times(ap.at(k))));
      f.store(r.plus(k), rest);
      f.add(sum, rest.times(rest).times(inverse.at(k)));
    });
    f.returnUnless(next.above(F32.of(NOTHING)));

    // The second step is the last: of its product only the length along p is wanted.
    const beta = f.vector(next.over(rz).splat());
    const start = each((k) => {
      const z = r.at(k).times(inverse.at(k));
      const value = f.vector(z.plus(beta.times(p.at(k))));
      f.store(p.plus(k), value);
      f.add(sum, value.times(value).times(d.at(k)));
    });
    f.set(sum, ZERO);
    eachFour(f, q, (rows, weights) => {
      const products = productsWith(f, rows, p, stride);
      f.add(sum, products.times(products).times(weights.vector()));
    });
    const last = f.vector(next.over(start.plus(sumOf(f, sum))).splat());
    eachVector(f, stride, (k) => f.store(x.plus(k), x.at(k).plus(last.times(p.at(k)))));
  });
}
