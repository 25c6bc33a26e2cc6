import { AlsModel, evaluateAls, splitInteractions, tuneAls } from '../../../../src/core';
import { codeOf, dot, makeInteractions } from '../../../support/interactions';

const data = makeInteractions(6, { users: 150, items: 120, perUser: 12 });

describe('evaluation', () => {
  test('beats most-popular on every kind of split, and measures within bounds', async () => {
    for (const kind of ['random', 'time', 'users'] as const) {
      const { als, mostPopular, itemCosine } = await evaluateAls(data, {
        split: { kind },
        factors: 12,
        iterations: 6,
        at: [5, 20],
      });
      expect([kind, als.users]).toEqual([kind, mostPopular.users]);
      expect(als.users).toBeGreaterThan(10);
      expect(als.ndcg[20]).toBeGreaterThan(mostPopular.ndcg[20]!);
      for (const metrics of [als, mostPopular, itemCosine])
        for (const table of [metrics.recall, metrics.recallOfAll, metrics.ndcg, metrics.map, metrics.coverage])
          for (const value of Object.values(table)) expect(value >= 0 && value <= 1).toBe(true);
      expect(als.recallOfAll[20]).toBeLessThanOrEqual(als.recall[20]!);
    }
  });

  test('splits lose and double nothing, and a split by time looks into no future', () => {
    for (const kind of ['random', 'time', 'users'] as const) {
      const { train, test: held, foldIn } = splitInteractions(data, { kind });
      expect([...train, ...held, ...foldIn].map(({ user, item }) => `${user} ${item}`).toSorted()).toEqual(
        data.map(({ user, item }) => `${user} ${item}`).toSorted(),
      );
    }
    const { train, test: held } = splitInteractions(data, { kind: 'time' });
    const latest = Math.max(...train.map(({ time }) => time!));
    expect(held.every(({ time }) => time! >= latest)).toBe(true);
  });

  test('tunes for at most ten trainings, to no worse than the defaults', async () => {
    const { best, ndcg, trainings, trials } = await tuneAls(data, { factors: [8], iterations: 12 });
    expect(trainings).toBeLessThanOrEqual(10);
    // Two candidates come to the end, and four neighbours of the better one.
    const last = trials.filter(({ iterations }) => iterations === 12);
    expect(new Set(last.map(({ parameters }) => parameters.regularization)).size).toBe(6);
    expect(ndcg).toBe(Math.max(...last.map((trial) => trial.ndcg)));
    expect((await tuneAls(data, { factors: [4], nu: [1], iterations: 6 })).trials).toHaveLength(12 + 3 + 1);
    const { train, test: held } = splitInteractions(data, { kind: 'random' });
    using model = await AlsModel.fit(train, { factors: 8, iterations: 12 });
    const byDefault = (await model.evaluate(held)).ndcg[20]!;
    expect(ndcg).toBeGreaterThanOrEqual(byDefault * 0.99);
    using tuned = await AlsModel.fit(data, best);
    expect(tuned.stats().parameters.iterations).toBe(12);
  });
});

describe('factors from elsewhere', () => {
  test('give the scores that their vectors multiply to', async () => {
    const table = (count: number, from: number): { id: number; features: number[] }[] =>
      Array.from({ length: count }, (_, i) => ({
        id: i,
        features: Array.from({ length: 6 }, (_, k) => Math.sin(from + 7 * i + k)),
      }));
    const [userFactors, itemFactors] = [table(30, 1), table(50, 2)];
    using model = await AlsModel.fromFactors({ userFactors, itemFactors });
    for (const { id, features } of userFactors.slice(0, 5)) {
      const scores = itemFactors.map((item) => dot(Float32Array.from(features), Float32Array.from(item.features)));
      const found = model.recommend(String(id), { limit: 3 });
      expect(found[0]!.score).toBeCloseTo(Math.max(...scores), 4);
      for (const { item, score } of found) expect(score).toBeCloseTo(scores[Number(item)]!, 4);
    }
    expect(model.recommend(['3', '4'], { limit: 4 })).toHaveLength(4);
    const code = codeOf(AlsModel.fromFactors({ userFactors, itemFactors: [{ id: 1, features: [NaN] }] }));
    expect(await code).toBe('ERR_EASY11_INVALID_OPTION');
    const nameless = [{ id: null as unknown as string, features: [1, 2, 3, 4, 5, 6] }];
    expect(await codeOf(AlsModel.fromFactors({ userFactors, itemFactors: nameless }))).toBe(
      'ERR_EASY11_INVALID_OPTION',
    );
  });
});
