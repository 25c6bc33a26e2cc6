import type { FunctionNumber, ModuleAssembly } from '../../wasm/assembly';
import { F32, lanesBeyond } from '../../wasm/values';
import { sumOf } from './products';

/**
 * cholesky(m, bytes, stride): m = UᵀU in place (Golub and Van Loan, Matrix Computations, 4.2); `bytes` is the size times four, a
 * multiple of 16. What stands below the diagonal becomes anything.
 */
export function defineCholesky(module: ModuleAssembly): FunctionNumber {
  return module.define('cholesky', (f) => {
    const [m, bytes, stride] = [f.takeInteger(), f.takeInteger(), f.takeInteger()];
    const own = f.integer(m);
    f.loop(0, bytes, 4, (k) => {
      const by = f.vector(F32.of(1).over(own.plus(k).float().root()).splat());
      f.loop(k.and(-16), bytes, 16, (j) => f.store(own.plus(j), own.at(j).times(by)));
      const other = f.integer(own.plus(stride));
      f.loop(k.plus(4), bytes, 4, (i) => {
        const factor = f.vector(own.plus(i).spread());
        f.loop(i.and(-16), bytes, 16, (j) => {
          const to = f.integer(other.plus(j));
          f.store(to, to.vector().minus(factor.times(own.at(j))));
        });
        f.move(other, stride);
      });
      f.move(own, stride);
    });
  });
}

/** substitute(u, bytes, stride, b): solves UᵀU x = b in place. */
export function defineSubstitute(module: ModuleAssembly): FunctionNumber {
  return module.define('substitute', (f) => {
    const [u, bytes, stride, b] = [f.takeInteger(), f.takeInteger(), f.takeInteger(), f.takeInteger()];
    const row = f.integer(u);
    f.loop(0, bytes, 4, (i) => {
      const own = f.float(b.plus(i).float().over(row.plus(i).float()));
      const by = f.vector(own.splat());
      const beyond = f.vector(lanesBeyond(i.shifted(2).and(3)));
      const first = f.integer(i.and(-16));
      const head = f.integer(b.plus(first));
      f.store(head, head.vector().minus(by.times(row.at(first).and(beyond))));
      f.store(b.plus(i), own);
      f.loop(first.plus(16), bytes, 16, (j) => {
        f.store(b.plus(j), b.at(j).minus(by.times(row.at(j))));
      });
      f.move(row, stride);
    });
    f.loop(0, bytes, 4, (done) => {
      const i = f.integer(bytes.minus(4).minus(done));
      f.set(row, row.minus(stride));
      const beyond = f.vector(lanesBeyond(i.shifted(2).and(3)));
      const first = f.integer(i.and(-16));
      const sum = f.vector(b.at(first).times(row.at(first).and(beyond)));
      f.loop(first.plus(16), bytes, 16, (j) => f.add(sum, b.at(j).times(row.at(j))));
      f.store(b.plus(i), b.plus(i).float().minus(sumOf(f, sum)).over(row.plus(i).float()));
    });
  });
}
