import { defaultParameters, type Shape } from './options';
import type { AlsParameters } from './types';

/** λ and α₀ as multiples of the defaults. */
const LAMBDAS = [0.1, 0.3, 1, 3];
const ALPHAS = [0.25, 1, 4];
/** What is tried around the best of them in the end: multiples of λ and of α₀. */
const NEAR = [
  [1.5, 1],
  [1 / 1.5, 1],
  [1, 2],
  [1, 0.5],
] as const;

/** The parameters that a search is about. */
export type Point = Required<Pick<AlsParameters, 'factors' | 'nu' | 'unobservedWeight' | 'regularization'>>;

/**
 * All ν with all multiples of the defaults, in such an order that the first ones of it, however many, lie all over the grid: every
 * other point before the ones between, each half in steps of a golden section.
 */
export function gridOf(shape: Shape, factors: number, nus: readonly number[]): Point[] {
  const halves: Point[][] = [[], []];
  nus.forEach((nu, n) =>
    ALPHAS.forEach((alpha, a) =>
      LAMBDAS.forEach((lambda, l) => {
        const base = defaultParameters(shape, nu);
        halves[(n + a + l) % 2]?.push({
          ...{ factors, nu, unobservedWeight: base.unobservedWeight * alpha },
          // α₀ is part of λ's scale: the product stays where the default has it.
          regularization: base.regularization * lambda * ((10 + 1) / (10 * alpha + 1)) ** nu,
        });
      }),
    ),
  );
  return halves.flatMap((half) =>
    half
      .map((point, i) => ({ point, at: (i * 0.618_033_988_75) % 1 }))
      .sort((a, b) => a.at - b.at)
      .map(({ point }) => point),
  );
}

export function neighboursOf(point: Point): Point[] {
  const { regularization, unobservedWeight, nu } = point;
  return NEAR.map(([lambda, alpha]) => ({
    ...point,
    unobservedWeight: unobservedWeight * alpha,
    regularization: (regularization * lambda) / alpha ** nu,
  }));
}

/** An iteration's work: O(entries f + (users + items) f²). */
export const workOf = (entries: number, { users, items }: Shape, factors: number): number =>
  entries * factors + (users + items) * factors ** 2;
