import { Side } from '../../als/engine';
import type { Steps } from '../steps';
import { symmetricEigen } from './eigen';
import type { Interactions } from './interactions';
import { gramMatrix, type Settings, solveRows, turnInto } from './training';
import { WasmKernels } from './wasm/kernels';

/** The heavy parts of a half step over both tables. */
export interface Kernels {
  /** What they run on. */
  readonly isa: string;
  /** XᵀX of a table, factors × factors. */
  gram(side: Side): Steps<Float64Array>;
  /** Turns a table into a basis whose vectors are rows. */
  turn(side: Side, vectors: Float64Array): Steps<void>;
  /** Solves every row of a side for the other side's table, both in the eigenbasis of `base`. */
  solve(side: Side, rows: Interactions, base: Float64Array): Steps<void>;
  /** Until then the tables may be old. */
  store(): Steps<void>;
}

/** In plain TypeScript, on the tables themselves. */
export class ScalarKernels implements Kernels {
  readonly isa = 'scalar';

  constructor(
    private readonly tables: readonly [Float32Array, Float32Array],
    private readonly settings: Settings,
  ) {}

  gram(side: Side): Steps<Float64Array> {
    return gramMatrix(this.tables[side], this.settings.factors);
  }

  turn(side: Side, vectors: Float64Array): Steps<void> {
    return turnInto(vectors, this.tables[side], this.settings.factors);
  }

  solve(side: Side, rows: Interactions, base: Float64Array): Steps<void> {
    return solveRows(this.tables[side], this.tables[otherSide(side)], rows, base, this.settings);
  }

  *store(): Steps<void> {}
}

const otherSide = (side: Side): Side => (side === Side.USERS ? Side.ITEMS : Side.USERS);

/** Vectors of WebAssembly if they are there and both tables fit into its memory, else plain TypeScript. */
export function* openKernels(
  x: Float32Array,
  y: Float32Array,
  settings: Settings,
  ...interactions: readonly Interactions[]
): Steps<Kernels> {
  const longest = Math.max(0, ...interactions.map(longestRow));
  return (yield* WasmKernels.open([x, y], settings, longest)) ?? new ScalarKernels([x, y], settings);
}

function longestRow({ starts }: Interactions): number {
  let longest = 0;
  for (let row = 0; row + 1 < starts.length; row++)
    longest = Math.max(longest, (starts[row + 1] as number) - (starts[row] as number));
  return longest;
}

/** Eigenvalues of α₀ times the Gram matrix of a side, with that table, and `also` the other, turned into its eigenbasis. */
export function* toBasis(kernels: Kernels, side: Side, also: boolean, settings: Settings): Steps<Float64Array> {
  const { factors: f, unobservedWeight } = settings;
  const { values, vectors } = yield* symmetricEigen(yield* kernels.gram(side), f);
  yield* kernels.turn(side, vectors);
  if (also) yield* kernels.turn(otherSide(side), vectors);
  return values.map((value) => unobservedWeight * Math.max(value, 0));
}

/** Finds the rows of one side; exact mode does not start from what they were. */
export function* halfStep(kernels: Kernels, side: Side, rows: Interactions, settings: Settings): Steps<void> {
  const base = yield* toBasis(kernels, otherSide(side), !settings.exact, settings);
  yield* kernels.solve(side, rows, base);
}
