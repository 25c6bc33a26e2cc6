import type { AlsModel } from '../../src/core';
import { coreOf, nativeIfBuilt } from '../support/backends';
import { makeInteractions } from '../support/interactions';

const native = nativeIfBuilt();
const fallback = coreOf('fallback');
const whenBuilt = native === undefined ? describe.skip : describe;

const data = makeInteractions(21, { users: 300, items: 160, weights: true });
const known = data.filter((_, i) => i % 5 !== 0);
const unseen = data.filter((_, i) => i % 5 === 0);

whenBuilt('the fallback and the native engine', () => {
  test.each([
    ['fast', 20],
    ['fast', 33],
    ['exact', 20],
    ['exact', 33],
  ] as const)('learn the same in %s mode with %i factors', async (mode, factors) => {
    const fit = (core: typeof fallback): Promise<AlsModel> =>
      core.AlsModel.fit(known, { factors, iterations: 6, mode, trackLoss: true });
    using ours = await fit(fallback);
    using theirs = await fit(native ?? fallback);
    expect([ours.backend, theirs.backend]).toEqual(['fallback', 'native']);
    ours.stats().losses.forEach((loss, i) => expect(loss / theirs.stats().losses[i]!).toBeCloseTo(1, 5));
    const [first, second] = [await ours.evaluate(unseen), await theirs.evaluate(unseen)];
    expect(first.users).toBe(second.users);
    for (const measure of ['recall', 'ndcg', 'map'] as const)
      expect(first[measure][20]).toBeCloseTo(second[measure][20]!, 3);
  });
});
