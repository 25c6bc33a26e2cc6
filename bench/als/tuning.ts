import { AlsModel, type Interaction, splitInteractions, tuneAls } from '../../src/core';
import { defaultParameters } from '../../src/core/als/options';
import { generate, SHAPES } from './shapes';

const FACTORS = 64;
/** Multiples of the defaults: wider and finer than what `tuneAls` tries. */
const LAMBDAS = [0.03, 0.1, 0.3, 1, 3, 10];
const ALPHAS = [1 / 16, 1 / 4, 1, 4, 16];
const NUS = [1, 0.5, 0];

/** NDCG@20 on the same held-out fifth. */
export interface Tuning {
  readonly found: number;
  readonly highest: number;
  /** Points of the grid, all trained to their end. */
  readonly grid: number;
  /** What `tuneAls` cost, in full trainings. */
  readonly trainings: number;
  readonly parameters: string;
}

/** Goal 8: the best of a whole grid, every point trained to its end, against what `tuneAls` finds; NDCG@20 on the same held-out fifth. */
export async function tuning(): Promise<Tuning> {
  const { users, items } = generate(SHAPES.A);
  const interactions = Array.from(users, (user, e): Interaction => ({ user: String(user), item: String(items[e]) }));
  const { best, ndcg, trainings } = await tuneAls(interactions, { factors: [FACTORS] });
  const { train, test } = splitInteractions(interactions, { kind: 'random' });
  let highest = 0;
  for (const nu of NUS)
    for (const alpha of ALPHAS)
      for (const lambda of LAMBDAS) {
        const base = defaultParameters({ ...SHAPES.A, weight: train.length }, nu);
        const parameters = {
          unobservedWeight: base.unobservedWeight * alpha,
          regularization: base.regularization * lambda,
        };
        using model = await AlsModel.fit(train, { factors: FACTORS, nu, ...parameters });
        highest = Math.max(highest, (await model.evaluate(test)).ndcg[20] as number);
      }
  return {
    found: ndcg,
    highest,
    grid: NUS.length * ALPHAS.length * LAMBDAS.length,
    trainings,
    parameters: `ν ${best.nu}, α₀ ${best.unobservedWeight?.toPrecision(3)}, λ ${best.regularization?.toPrecision(3)}`,
  };
}
