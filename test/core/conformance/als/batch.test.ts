import fc from 'fast-check';
import { AlsModel, type History } from '../../../../src/core';
import { codeOf, makeInteractions } from '../../../support/interactions';

const data = makeInteractions(5, { users: 90, items: 150, weights: true });
const users = [...new Set(data.map(({ user }) => user))];
const items = [...new Set(data.map(({ item }) => item))];

describe('recommendMany', () => {
  let model: AlsModel;
  beforeAll(async () => {
    model = await AlsModel.fit(data, { factors: 12, iterations: 4, threads: 2 });
    await model.updateUser('late', ['i3', 'i9']);
    await model.updateItem('late item', ['u1', 'u7', 'u13']);
  });
  afterAll(() => model.close());

  const item = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...items) }, fc.constant('unknown'));
  const history: fc.Arbitrary<History> = fc.array(
    fc.oneof(item, fc.record({ item, weight: fc.double({ min: 0, max: 10, noNaN: true }) })),
    { maxLength: 12 },
  );
  const asked = fc.array(fc.oneof(fc.constantFrom(...users, 'late'), history), { maxLength: 25 });
  const exclude = fc.oneof(fc.constantFrom('history' as const, 'none' as const), fc.array(item, { maxLength: 200 }));
  const filter = fc.option(
    fc.integer({ min: 1, max: 60 }).map((every) => (one: string) => Number(one.slice(1)) % every === 0),
    { nil: undefined },
  );

  test('answers what recommend answers for each, with any options', async () => {
    const options = fc.record({ limit: fc.constantFrom(1, 7, 20, 1000), exclude, filter });
    await fc.assert(
      fc.asyncProperty(asked, options, async (list, { filter: keep, ...rest }) => {
        const given = keep ? { ...rest, filter: keep } : rest;
        expect(await model.recommendMany(list, given)).toEqual(list.map((one) => model.recommend(one, given)));
      }),
      { numRuns: 120, seed: 3 },
    );
  });

  test('takes users without a history, beside histories', async () => {
    const table = Array.from({ length: 20 }, (_, id) => ({ id, features: [Math.sin(id + 1), Math.cos(3 * id)] }));
    using strange = await AlsModel.fromFactors({ userFactors: table, itemFactors: table });
    const mixed = ['3', ['7', '8'], '5', []];
    expect(await strange.recommendMany(mixed, { limit: 4 })).toEqual(
      mixed.map((one) => strange.recommend(one, { limit: 4 })),
    );
  });

  test('asks a filter once about each item that it looks at, best first, and may be asked by the filter', async () => {
    const seen: string[] = [];
    const everything = model.recommend('u3', { limit: 1000 }).map((one) => one.item);
    const last = everything.at(-1)!;
    const filter = (one: string): boolean => {
      seen.push(one);
      // Another question meanwhile, which uses the same room.
      model.recommend('u8', { limit: 50, exclude: ['i1'] });
      return one === last;
    };
    const [found] = await model.recommendMany(['u3'], { limit: 1, filter });
    expect(found!.map((one) => one.item)).toEqual([last]);
    expect(seen).toEqual(everything);
    seen.length = 0;
    expect(model.recommend('u3', { limit: 1, filter }).map((one) => one.item)).toEqual([last]);
    expect(seen).toEqual(everything);
  });

  test('passes on what the filter throws, and ends when it is aborted or closed', async () => {
    const filter = (): boolean => {
      throw new RangeError('out of stock');
    };
    await expect(model.recommendMany(users, { filter })).rejects.toEqual(new RangeError('out of stock'));
    const abort = new AbortController();
    const aborting = (): boolean => {
      abort.abort();
      const until = performance.now() + 2;
      while (performance.now() < until);
      return true;
    };
    const aborted = model.recommendMany(users, { filter: aborting, signal: abort.signal });
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_EASY11_ABORTED' });
    const closing = await AlsModel.fit(data, { factors: 4, iterations: 1 });
    const closed = closing.recommendMany(users, { filter: () => (closing.close(), false), limit: 50 });
    expect(await codeOf(closed)).toBe('ERR_EASY11_CLOSED');
    expect(await model.recommendMany(['u0'], { limit: 3 })).toEqual([model.recommend('u0', { limit: 3 })]);
  });
});
