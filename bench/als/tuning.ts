import { AlsModel, type Interaction, splitInteractions, tuneAls } from '../../src/core';
import { defaultParameters } from '../../src/core/als/options';
import { generate, SHAPES } from './shapes';

const FACTORS = 64;
/** Multiples of the defaults: wider and finer than what `tuneAls` tries. */
const LAMBDAS = [0.03, 0.1, 0.3, 1, 3, 10];
const ALPHAS = [1 / 16, 1 / 4, 1, 4, 16];
const NUS = [1, 0.5, 0];

/** Goal 8: the best of a whole grid, every point trained to its end, against what `tuneAls` finds; NDCG@20 on the same held-out fifth. */
export async function tuning(): Promise<Record<string, string>> {
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
  const points = NUS.length * ALPHAS.length * LAMBDAS.length;
  const found = `ν ${best.nu}, α₀ ${best.unobservedWeight?.toPrecision(3)}, λ ${best.regularization?.toPrecision(3)}`;
  return {
    [`tune of A 64, NDCG@20 against the best of a grid of ${points}`]: `${((100 * ndcg) / highest).toFixed(2)} % (${ndcg.toFixed(4)} of ${highest.toFixed(4)}; ${found})`,
    'tune of A 64, cost in full trainings': trainings.toFixed(1),
  };
}
