import fc from 'fast-check';
import { Side } from '../../../src/core/als/engine';
import { symmetricEigen } from '../../../src/core/fallback/als/eigen';
import type { Interactions } from '../../../src/core/fallback/als/interactions';
import { halfStep, type Kernels, openKernels, ScalarKernels, toBasis } from '../../../src/core/fallback/als/kernels';
import type { Settings } from '../../../src/core/fallback/als/training';
import { openWasm } from '../../../src/core/fallback/als/wasm/module';
import { runNow } from '../../../src/core/fallback/steps';
import { Random } from '../../support/random';

interface Case {
  readonly settings: Settings;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly rows: Interactions;
}

/** Two tables and interactions: every third row is empty, the first has every item. */
function makeCase(seed: number, factors: number, exact: boolean, users = 11, items = 50): Case {
  const random = new Random(seed);
  const table = (rows: number): Float32Array =>
    Float32Array.from({ length: rows * factors }, () => (random.next() - 0.5) / Math.sqrt(factors));
  const [starts, columns, weights] = [[0], [] as number[], [] as number[]];
  for (let user = 0; user < users; user++) {
    const share = user === 0 ? 1 : user % 3 === 0 ? 0 : random.next();
    for (let item = 0; item < items; item++) {
      if (!random.chance(share)) continue;
      columns.push(item);
      weights.push(0.25 + 4 * random.next());
    }
    starts.push(columns.length);
  }
  return {
    settings: { factors, regularization: 0.05, unobservedWeight: 0.3, nu: 1, exact, seed },
    ...{ x: table(users), y: table(items) },
    rows: { starts: Uint32Array.from(starts), columns: Uint32Array.from(columns), weights: Float32Array.from(weights) },
  };
}

/** The same case for both kinds of kernels, each on tables of its own. */
function openBoth({ settings, x, y, rows }: Case): { kernels: Kernels; x: Float32Array; y: Float32Array }[] {
  return [true, false].map((withVectors) => {
    const own = { x: x.slice(), y: y.slice() };
    const scalar = new ScalarKernels([own.x, own.y], settings);
    return { ...own, kernels: withVectors ? runNow(openKernels(own.x, own.y, settings, rows)) : scalar };
  });
}

/** The largest difference against the largest value. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const values = Array.from(b);
  const size = Math.max(1e-6, ...values.map(Math.abs));
  return Math.max(0, ...values.map((value, i) => Math.abs(value - (a[i] ?? Number.NaN)))) / size;
}

const cases = fc
  .record({ seed: fc.nat(), factors: fc.integer({ min: 1, max: 70 }), exact: fc.boolean() })
  .map(({ seed, factors, exact }) => makeCase(seed, factors, exact));

describe('kernels in vectors of WebAssembly', () => {
  test('are what runs here', () => {
    expect(openBoth(makeCase(1, 8, false)).map(({ kernels }) => kernels.isa)).toEqual(['wasm-simd128', 'scalar']);
  });

  test('sum the Gram matrix that TypeScript sums, for any number of factors and rows', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 600 }), (one, items) => {
        const random = new Random(items);
        const y = Float32Array.from({ length: items * one.settings.factors }, () => random.next() - 0.5);
        const [fast, plain] = openBoth({ ...one, y }).map(({ kernels }) => runNow(kernels.gram(Side.ITEMS)));
        expect(distance(fast!, plain!)).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });

  test('turn both tables into a basis as TypeScript does', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { factors } = one.settings;
        const gram = runNow(new ScalarKernels([one.x, one.y], one.settings).gram(Side.ITEMS));
        const { vectors } = runNow(symmetricEigen(gram, factors));
        const [fast, plain] = openBoth(one).map(({ kernels, x, y }) => {
          for (const side of [Side.USERS, Side.ITEMS]) runNow(kernels.turn(side, vectors));
          runNow(kernels.store());
          return [...x, ...y];
        });
        expect(distance(fast!, plain!)).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });

  test('solve rows as TypeScript does: long, short and empty ones, with weights, in both modes', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const base = Float64Array.from({ length: one.settings.factors }, (_, k) => 3 / (k + 1));
        const [fast, plain] = openBoth(one).map(({ kernels, x }) => {
          runNow(kernels.solve(Side.USERS, one.rows, base));
          runNow(kernels.store());
          return x;
        });
        expect(distance(fast!, plain!)).toBeLessThan(1e-4);
        const { factors } = one.settings;
        expect([...fast!.subarray(3 * factors, 4 * factors)].every((value) => value === 0)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('leave what is not a factor alone: the second table stays as it was, to the bit', () => {
    const one = makeCase(4, 13, false);
    const { kernels, y } = openBoth(one)[0]!;
    runNow(kernels.solve(Side.USERS, one.rows, new Float64Array(13).fill(0.5)));
    runNow(kernels.store());
    expect(y).toEqual(one.y);
  });

  test('find the same bits again', () => {
    for (const exact of [false, true]) {
      const one = makeCase(9, 33, exact);
      const [first, second] = [0, 1].map(() => {
        const { kernels, x } = openBoth(one)[0]!;
        for (let i = 0; i < 2; i++) runNow(halfStep(kernels, Side.USERS, one.rows, one.settings));
        runNow(kernels.store());
        return x;
      });
      expect(first).toEqual(second);
    }
  });

  test('find the eigenvalues that TypeScript finds', () => {
    const one = makeCase(12, 24, false);
    const [fast, plain] = openBoth(one).map(({ kernels }) => runNow(toBasis(kernels, Side.ITEMS, true, one.settings)));
    expect(distance(fast!, plain!)).toBeLessThan(1e-5);
  });

  test('give way to TypeScript where their memory would be too large', () => {
    expect(runNow(openWasm(2 ** 32 + 1))).toBeUndefined();
    expect(runNow(openWasm(65_537))?.buffer.byteLength).toBe(131_072);
  });
});

describe('triangles', () => {
  test('of any size solve the system that they come from', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), (seed, quads) => {
        const random = new Random(seed);
        const n = 4 * quads;
        const a = Array.from({ length: n }, () => Array.from({ length: n }, () => random.next() - 0.5));
        const matrix = (i: number, j: number): number =>
          a.reduce((sum, row) => sum + row[i]! * row[j]!, i === j ? 1 : 0);
        const wanted = Array.from({ length: n }, () => random.next() - 0.5);
        const { functions, buffer } = runNow(openWasm(4 * n * (n + 1)))!;
        const floats = new Float32Array(buffer);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) floats[i * n + j] = j < i ? Number.NaN : matrix(i, j);
          floats[n * n + i] = wanted.reduce((sum, value, j) => sum + value * matrix(i, j), 0);
        }
        functions.cholesky(0, 4 * n, 4 * n);
        functions.substitute(0, 4 * n, 4 * n, 4 * n * n);
        expect(distance(floats.subarray(n * n, n * n + n), wanted)).toBeLessThan(1e-4);
      }),
      { numRuns: 40 },
    );
  });
});
