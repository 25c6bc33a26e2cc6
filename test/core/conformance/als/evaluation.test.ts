import { AlsModel, evaluateAls, splitInteractions, type Trial, tuneAls, type TuneOptions } from '../../../../src/core';
import { defaultParameters } from '../../../../src/core/als/options';
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
    // At least two candidates come to the end, and four neighbours of the better one.
    const last = trials.filter(({ iterations }) => iterations === 12);
    expect(new Set(last.map(({ parameters }) => parameters.regularization)).size).toBeGreaterThanOrEqual(6);
    expect(ndcg).toBe(Math.max(...last.map((trial) => trial.ndcg)));
    const { train, test: held } = splitInteractions(data, { kind: 'random' });
    using model = await AlsModel.fit(train, { factors: 8, iterations: 12 });
    const byDefault = (await model.evaluate(held)).ndcg[20]!;
    expect(ndcg).toBeGreaterThanOrEqual(byDefault * 0.99);
    using tuned = await AlsModel.fit(data, best);
    expect(tuned.stats().parameters.iterations).toBe(12);
  });
});

describe('tuning within the work of ten full trainings', () => {
  const searches: [string, TuneOptions][] = [
    ['two numbers of factors', { factors: [4, 8] }],
    ['three, the most not last', { factors: [16, 4, 8], iterations: 8 }],
    ['few iterations', { factors: [8], iterations: 4 }],
    ['one iteration', { factors: [8], iterations: 1 }],
    ['many ν', { factors: [4], nu: [1, 0.75, 0.5, 0.25, 0], iterations: 10 }],
    ['many of all', { factors: [2, 3, 4, 5, 6, 7, 8], nu: [1, 0.5, 0], iterations: 3 }],
  ];
  test.each(searches)('%s', async (_what, options) => {
    const told: Trial[] = [];
    const { iterations = 16, factors = [] } = options;
    const { trainings, trials, best, ndcg } = await AlsModel.tune(data, {
      ...options,
      onProgress: (t) => told.push(t),
    });
    expect(trainings).toBeLessThanOrEqual(10);
    expect(trainings).toBeGreaterThan(5);
    expect(told).toEqual(trials);
    expect(factors).toContain(best.factors);
    // What wins has been trained to its end, and nothing that was is better.
    expect(best.iterations).toBe(iterations);
    const finished = trials.filter((trial) => trial.iterations === iterations);
    expect(ndcg).toBe(Math.max(...finished.map((trial) => trial.ndcg)));
    expect(finished.find((trial) => trial.ndcg === ndcg)?.parameters).toEqual(best);
    // Every number of factors is tried, if there are not very many.
    const tried = new Set(trials.map(({ parameters }) => parameters.factors));
    expect(tried.size).toBeGreaterThanOrEqual(Math.min(3, factors.length));
    expect(factors).toEqual(expect.arrayContaining([...tried]));
  });

  test('finds nearly the best of a grid in which every point is trained to its end', async () => {
    const more = makeInteractions(8, { users: 500, items: 160, perUser: 20 });
    const { train, test: held } = splitInteractions(more, { kind: 'random' });
    const of = (key: 'user' | 'item'): number => new Set(train.map((one) => one[key])).size;
    const shape = { users: of('user'), items: of('item'), weight: train.length };
    let highest = 0;
    for (const factors of [4, 8])
      for (const nu of [1, 0.5])
        for (const alpha of [0.25, 1, 4])
          for (const lambda of [0.1, 0.3, 1, 3]) {
            const base = defaultParameters(shape, nu);
            const unobservedWeight = base.unobservedWeight * alpha;
            const regularization = base.regularization * lambda;
            const options = { factors, nu, unobservedWeight, regularization, iterations: 10 };
            using model = await AlsModel.fit(train, options);
            highest = Math.max(highest, (await model.evaluate(held)).ndcg[20]!);
          }
    const { ndcg } = await AlsModel.tune(more, { factors: [4, 8], iterations: 10 });
    expect(ndcg).toBeGreaterThanOrEqual(0.99 * highest);
  });

  test('AlsModel.evaluate is evaluateAls', async () => {
    const options = { factors: 8, iterations: 3 };
    expect(await AlsModel.evaluate(data, options)).toEqual(await evaluateAls(data, options));
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
