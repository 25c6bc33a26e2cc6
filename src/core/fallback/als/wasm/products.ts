import type { Assembly, FunctionNumber, Local, ModuleAssembly } from '../../wasm/assembly';
import { type F32, type I32, type V128, ZERO } from '../../wasm/values';

/**
 * Products of matrices. Everywhere in these kernels: pointers and strides are in bytes, a row is `stride` bytes of floats, a multiple
 * of 32, with zeros behind the last factor; triangles are the upper ones.
 */

/** Bytes of the two vectors that an inner loop takes at a time. */
export const PAIR = 32;

export const FOUR = [0, 1, 2, 3] as const;

/** One of something for each of four rows. */
export function forFour<T>(make: (r: number) => T): readonly [T, T, T, T] {
  return [make(0), make(1), make(2), make(3)];
}

/** Sums of four rows by eight columns: with the columns and one row they fit the sixteen registers of x86. */
type Tile = readonly (readonly [Local<V128>, Local<V128>])[];

const clearTile = (f: Assembly): Tile => FOUR.map(() => [f.vector(ZERO), f.vector(ZERO)]);

/** Adds the product of four numbers, each spread over a vector, and the eight columns at b. */
function addToTile(f: Assembly, tile: Tile, spread: (r: number) => V128, b: I32): void {
  const [left, right] = [f.vector(b.vector()), f.vector(b.vector(16))];
  tile.forEach(([first, second], r) => {
    const own = f.vector(spread(r));
    f.add(first, own.times(left));
    f.add(second, own.times(right));
  });
}

/** gram(rows, count, stride, out): out += rowsᵀ rows, in tiles on and above the diagonal. */
export function defineGram(module: ModuleAssembly): FunctionNumber {
  return module.define('gram', (f) => {
    const [rows, count, stride, out] = [f.takeInteger(), f.takeInteger(), f.takeInteger(), f.takeInteger()];
    f.loop(0, stride, 16, (i) => {
      f.loop(i.and(-PAIR), stride, PAIR, (j) => {
        const tile = clearTile(f);
        // A row of the table gives four factors of the left side and eight of the right.
        const [a, b] = [f.integer(rows.plus(i)), f.integer(rows.plus(j))];
        f.loop(0, count, 1, () => {
          addToTile(f, tile, (r) => a.spread(4 * r), b);
          f.move(a, stride);
          f.move(b, stride);
        });
        const to = f.integer(out.plus(i.shifted(2).times(stride)).plus(j));
        for (const [first, second] of tile) {
          f.store(to, to.vector().plus(first));
          f.store(to, to.vector(16).plus(second), 16);
          f.move(to, stride);
        }
      });
    });
  });
}

/** rotate(rows, count, stride, basis, out): out = rows × basis; count is a multiple of 4. */
export function defineRotate(module: ModuleAssembly): FunctionNumber {
  return module.define('rotate', (f) => {
    const [rows, count, stride] = [f.takeInteger(), f.takeInteger(), f.takeInteger()];
    const [basis, out] = [f.takeInteger(), f.takeInteger()];
    // A panel of eight columns of the basis stays in the first cache while the rows go by.
    f.loop(0, stride, PAIR, (j) => {
      const [from, to] = [f.integer(rows), f.integer(out.plus(j))];
      f.loop(0, count, 4, () => {
        const tile = clearTile(f);
        const own = FOUR.map(() => {
          const row = f.integer(from);
          f.move(from, stride);
          return row;
        });
        const b = f.integer(basis.plus(j));
        f.loop(0, stride, 16, () => {
          for (const t of FOUR) {
            addToTile(f, tile, (r) => (own[r] as I32).spread(4 * t), b);
            f.move(b, stride);
          }
          for (const row of own) f.move(row, 16);
        });
        for (const [first, second] of tile) {
          f.store(to, first);
          f.store(to, second, 16);
          f.move(to, stride);
        }
      });
    });
  });
}

/** The sum of four lanes. */
export function sumOf(f: Assembly, vector: V128): Local<F32> {
  const all = f.vector(vector);
  const halves = f.vector(all.plus(all.lanes(all, [2, 3, 0, 1])));
  return f.float(halves.lane(0).plus(halves.lane(1)));
}

/** The sums of four vectors (variables: each is read twice), side by side. */
export function sumsOf(f: Assembly, [a, b, c, d]: readonly [V128, V128, V128, V128]): Local<V128> {
  const half = (left: V128, right: V128): Local<V128> =>
    f.vector(left.lanes(right, [0, 4, 1, 5]).plus(left.lanes(right, [2, 6, 3, 7])));
  const [ab, cd] = [half(a, b), half(c, d)];
  return f.vector(ab.lanes(cd, [0, 1, 4, 5]).plus(ab.lanes(cd, [2, 3, 6, 7])));
}
