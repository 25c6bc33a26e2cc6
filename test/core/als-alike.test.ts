import { spawnSync } from 'node:child_process';
import path from 'node:path';
import fc from 'fast-check';
import { type AlsParameters, type Interaction, splitInteractions } from '../../src/core';
import { coreOf, nativeIfBuilt } from '../support/backends';
import { solveDense } from '../support/dense-als';
import { dot, makeInteractions } from '../support/interactions';

const native = nativeIfBuilt();
const fallback = coreOf('fallback');
const whenBuilt = native === undefined ? describe.skip : describe;
const root = path.resolve(__dirname, '../..');

whenBuilt('native and fallback AlsModel learn the same (skipped where the addon is not built)', () => {
  const parameters = fc.record({
    factors: fc.integer({ min: 1, max: 24 }),
    iterations: fc.integer({ min: 1, max: 8 }),
    nu: fc.constantFrom(0, 0.5, 1, 1.3),
    mode: fc.constantFrom('fast' as const, 'exact' as const),
    seed: fc.nat(1000),
    unobservedWeight: fc.double({ min: 0.01, max: 1, noNaN: true }),
    lambda: fc.double({ min: 0.02, max: 2, noNaN: true }),
  });
  const shape = fc.record({
    seed: fc.nat(10_000),
    users: fc.integer({ min: 200, max: 300 }),
    // More than factors: in a space that no item spans, the preconditioner hangs on the basis, and so does 'fast'.
    items: fc.integer({ min: 60, max: 140 }),
    perUser: fc.integer({ min: 8, max: 18 }),
    weights: fc.boolean(),
  });

  test('from any data with any parameters: metrics within 0.001, scores and lists nearly equal', async () => {
    await fc.assert(
      fc.asyncProperty(shape, parameters, async ({ seed, ...sizes }, { lambda, ...rest }) => {
        const { train, test: held } = splitInteractions(makeInteractions(seed, sizes), { kind: 'random' });
        // λ as strong as it is for ν of 1, whatever ν is.
        const regularization = lambda * 20 ** (1 - rest.nu);
        const options: AlsParameters = { ...rest, regularization };
        using one = await native!.AlsModel.fit(train, options);
        using other = await fallback.AlsModel.fit(train, options);
        expect([one.backend, other.backend]).toEqual(['native', 'fallback']);
        const [a, b] = [await one.evaluate(held, { at: [10] }), await other.evaluate(held, { at: [10] })];
        for (const name of ['recall', 'recallOfAll', 'ndcg', 'map'] as const)
          expect(Math.abs(a[name][10]! - b[name][10]!)).toBeLessThanOrEqual(1e-3);
        for (const user of [...new Set(train.map((each) => each.user))].slice(0, 15)) {
          const [mine, theirs] = [one.recommend(user, { limit: 10 }), other.recommend(user, { limit: 10 })];
          expect(mine.length).toBe(theirs.length);
          // Where two items are nearly equal they may change places; what stands at a place scores alike.
          const largest = Math.max(...mine.map(({ score }) => Math.abs(score)), 1e-3);
          mine.forEach(({ score }, i) => expect(Math.abs(score - theirs[i]!.score)).toBeLessThan(2e-3 * largest));
          const known = new Map(other.recommend(user, { limit: 1000 }).map(({ item, score }) => [item, score]));
          for (const { item, score } of mine) expect(Math.abs(score - known.get(item)!)).toBeLessThan(2e-3 * largest);
        }
      }),
      { numRuns: 16, seed: 11, endOnFailure: true },
    );
  });
});

describe.each([['native', native] as const, ['fallback', fallback] as const])('exact mode, %s', (_name, core) => {
  // Users with fewer items than factors are solved by the dual, those with more by the primal.
  const data = makeInteractions(12, { users: 120, items: 900, tastes: 1, perUser: 260, weights: true });
  const historyOf = (user: string): { item: string; weight: number }[] =>
    data.filter((one) => one.user === user).map(({ item, weight = 1 }) => ({ item, weight }));
  const users = [...new Set(data.map(({ user }) => user))];
  const bySize = users.toSorted((a, b) => historyOf(a).length - historyOf(b).length);

  (core === undefined ? test.skip : test).each([16, 64, 128])(
    'with %d factors scores are those of a solution in double precision, to 1e-4',
    async (factors) => {
      using model = await core!.AlsModel.fit(data, { factors, iterations: 2, mode: 'exact', threads: 2 });
      const items = new Map([...new Set(data.map(({ item }) => item))].map((item) => [item, model.itemVector(item)]));
      const { parameters } = model.stats();
      const asked = [...bySize.slice(0, 3), ...bySize.slice(-3)];
      const counts = asked.map((user) => historyOf(user).length);
      expect(Math.min(...counts)).toBeLessThan(factors);
      expect(Math.max(...counts)).toBeGreaterThan(factors);
      for (const user of asked) {
        const expected = Float32Array.from(solveDense(items, historyOf(user), parameters));
        const vector = model.userVector(user);
        let [wrong, size] = [0, 0];
        for (const item of items.values()) {
          wrong += (dot(vector, item) - dot(expected, item)) ** 2;
          size += dot(expected, item) ** 2;
        }
        expect(Math.sqrt(wrong / size)).toBeLessThanOrEqual(1e-4);
      }
    },
  );
});

whenBuilt('the kernels of every instruction set', () => {
  const script = `require('tsx/cjs');
    const { AlsModel, backend } = require('./src/core/index.ts');
    const data = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    (async () => {
      const learnt = {};
      for (const mode of ['fast', 'exact'])
        for (const factors of [3, 24, 70]) {
          const model = await AlsModel.fit(data, { factors, iterations: 4, mode, threads: 2 });
          const lists = await model.recommendMany(['u1', 'u2', 'u3', ['i1', 'i5']], { limit: 1000, exclude: 'none' });
          learnt[mode + factors] = lists.map((list) => Object.fromEntries(list.map(({ item, score }) => [item, score])));
        }
      console.log(JSON.stringify({ isa: backend().isa, learnt }));
    })();`;
  interface Told {
    readonly isa: string;
    readonly learnt: Record<string, Record<string, number>[]>;
  }
  const data = makeInteractions(14, { users: 150, items: 90, weights: true });
  const learn = (isa: string, input: readonly Interaction[] = data): Told => {
    const env = { ...process.env, EASY11_BACKEND: 'native', EASY11_FORCE_ISA: isa };
    const child = spawnSync(process.execPath, ['-e', script], { cwd: root, env, input: JSON.stringify(input) });
    return JSON.parse(String(child.stdout)) as Told;
  };

  test('learn the same, each forced upon a process of its own', () => {
    const machine = native!.backend().isa!;
    const sets = { avx512: ['scalar', 'avx2', 'avx512'], avx2: ['scalar', 'avx2'] }[machine] ?? ['scalar', machine];
    const told = sets.map((isa) => learn(isa));
    expect(told.map(({ isa }) => isa)).toEqual(sets);
    const [scalar, ...others] = told;
    for (const { learnt } of others)
      for (const [name, lists] of Object.entries(learnt))
        lists.forEach((scores, l) => {
          const expected = scalar!.learnt[name]![l]!;
          expect(Object.keys(scores).sort()).toEqual(Object.keys(expected).sort());
          const largest = Math.max(...Object.values(expected).map(Math.abs));
          for (const [item, score] of Object.entries(scores))
            expect(Math.abs(score - expected[item]!)).toBeLessThan(2e-3 * largest);
        });
  });
});
