import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AlsModel, type Interaction } from '../../../../src/core';
import { solveDense } from '../../../support/dense-als';
import { codeOf, dot, makeInteractions } from '../../../support/interactions';

const data = makeInteractions(1, { weights: true });
const itemIds = [...new Set(data.map(({ item }) => item))];
const historyOf = (user: string): { item: string; weight: number }[] =>
  data.filter((one) => one.user === user).map(({ item, weight = 1 }) => ({ item, weight }));

describe.each(['fast', 'exact'] as const)('a model trained in %s mode', (mode) => {
  let model: AlsModel;
  beforeAll(async () => {
    model = await AlsModel.fit(data, { factors: 20, iterations: 8, mode, trackLoss: true, threads: 2 });
  });
  afterAll(() => model.close());

  test('lowers the loss in every iteration', () => {
    const { losses } = model.stats();
    expect(losses).toHaveLength(8);
    for (let i = 1; i < losses.length; i++) expect(losses[i]).toBeLessThan(losses[i - 1]! * (1 + 1e-6));
  });

  test('says what its kernels run on', () => {
    const { backend, isa } = model.stats();
    expect(isa).toMatch(backend === 'native' ? /^(scalar|sse\w*|avx\w*|neon)$/ : /^(wasm-simd128|scalar)$/);
  });

  test('recommends exactly what scoring every item gives, without what the user had', () => {
    for (let u = 0; u < 50; u++) {
      const user = `u${u}`;
      const vector = model.userVector(user);
      const had = new Set(historyOf(user).map(({ item }) => item));
      const all = itemIds
        .filter((item) => !had.has(item))
        .map((item) => ({ item, score: dot(vector, model.itemVector(item)) }))
        .sort((a, b) => b.score - a.score);
      const found = model.recommend(user, { limit: 10 });
      expect(found.map(({ item }) => item)).toEqual(all.slice(0, 10).map(({ item }) => item));
      found.forEach(({ score }, i) => expect(score).toBeCloseTo(all[i]!.score, 4));
    }
  });

  test('asks a filter about the best first, and finds all that pass', () => {
    const wanted = new Set(itemIds.filter((_, i) => i % 9 === 0));
    const everything = model.recommend('u3', { limit: 1000 });
    const found = model.recommend('u3', { limit: 5, filter: (item) => wanted.has(item) });
    expect(found).toEqual(everything.filter(({ item }) => wanted.has(item)).slice(0, 5));
    expect(model.recommend('u3', { limit: 5, filter: () => false })).toEqual([]);
    expect(() =>
      model.recommend('u3', {
        filter: () => {
          throw new RangeError('out of stock');
        },
      }),
    ).toThrow('out of stock');
  });

  test('knows what a user did, each item once', () => {
    const sums = new Map<string, number>();
    for (const { item, weight = 1 } of historyOf('u7')) sums.set(item, (sums.get(item) ?? 0) + weight);
    const known = model.history('u7');
    expect(known.map(({ item }) => item).sort()).toEqual([...sums.keys()].sort());
    for (const { item, weight } of known) expect(weight).toBeCloseTo(sums.get(item)!, 5);
    expect(() => model.history('nobody')).toThrow(expect.objectContaining({ code: 'ERR_EASY11_UNKNOWN_ID' }));
  });

  test('leaves out the history, nothing, or a list as well', () => {
    const had = historyOf('u7').map(({ item }) => item);
    const none = model.recommend('u7', { limit: 1000, exclude: 'none' }).map(({ item }) => item);
    expect(none).toHaveLength(itemIds.length);
    expect(model.recommend('u7', { limit: 1000 }).map(({ item }) => item)).toEqual(
      none.filter((item) => !had.includes(item)),
    );
    const more = none.slice(0, 5);
    const rest = model.recommend('u7', { limit: 1000, exclude: [...more, 'unknown'] }).map(({ item }) => item);
    expect(rest).toEqual(none.filter((item) => !had.includes(item) && !more.includes(item)));
  });

  test('folds a visitor in as solving the normal equations in full does', () => {
    const { parameters } = model.stats();
    const items = new Map(itemIds.map((item) => [item, model.itemVector(item)]));
    for (const count of [1, 3, 15, 60]) {
      const history = itemIds.slice(0, count).map((item, i) => ({ item, weight: 1 + (i % 3) }));
      const expected = solveDense(items, history, parameters);
      const vector = model.foldIn(history);
      const size = Math.sqrt(dot(vector, vector));
      vector.forEach((value, k) => expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-5 * Math.max(1, size)));
    }
  });

  test('explains a score by the items of the history, which add up to it', () => {
    const history = historyOf('u11');
    const [best] = model.recommend(history, { limit: 1 });
    const { score, parts } = model.explain(history, best!.item);
    expect(score).toBeCloseTo(best!.score, 4);
    expect(parts.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(score, 5);
    expect(parts.map(({ item }) => item).toSorted()).toEqual(history.map(({ item }) => item).toSorted());
    expect(parts.map(({ part }) => part)).toEqual(parts.map(({ part }) => part).toSorted((a, b) => b - a));
  });

  test('finds the items and users of the same taste most similar', async () => {
    const near = await model.similarItems('i6', { limit: 5 });
    expect(near).toHaveLength(5);
    expect(near.filter(({ id }) => Number(id.slice(1)) % 6 === 0).length).toBeGreaterThanOrEqual(4);
    expect(near.map(({ cosine }) => cosine)).toEqual(near.map(({ cosine }) => cosine).toSorted((a, b) => b - a));
    const users = await model.similarUsers('u12', { limit: 5 });
    expect(users.filter(({ id }) => Number(id.slice(1)) % 6 === 0).length).toBeGreaterThanOrEqual(3);
    expect(users.some(({ id }) => id === 'u12')).toBe(false);
  });

  test('answers for many users what it answers for each', async () => {
    const users = Array.from({ length: 40 }, (_, i) => `u${i}`);
    expect(await model.recommendMany(users, { limit: 7 })).toEqual(
      users.map((user) => model.recommend(user, { limit: 7 })),
    );
    const visitors = users.map(historyOf);
    expect(await model.recommendMany(visitors, { limit: 7 })).toEqual(
      visitors.map((history) => model.recommend(history, { limit: 7 })),
    );
    expect(await model.recommendMany([], { limit: 7 })).toEqual([]);
  });
});

describe('training', () => {
  test('gives the same factors to the bit for a seed with 1, 2 and 4 threads', async () => {
    for (const mode of ['fast', 'exact'] as const) {
      const vectors: Float32Array[][] = [];
      for (const threads of [1, 2, 4]) {
        using model = await AlsModel.fit(data, { factors: 24, iterations: 3, mode, threads, seed: 5 });
        vectors.push([
          ...itemIds.map((item) => model.itemVector(item)),
          model.userVector('u0'),
          model.userVector('u9'),
        ]);
      }
      expect(vectors[1]).toEqual(vectors[0]);
      expect(vectors[2]).toEqual(vectors[0]);
    }
  });

  test('sums the weights of a pair that comes several times, and drops what weighs nothing', async () => {
    const pairs: Interaction[] = [
      ...data,
      { user: 'u0', item: 'i0', weight: 2 },
      { user: 'u0', item: 'i0', weight: 3 },
      { user: 'u1', item: 'never', weight: 0 },
    ];
    using model = await AlsModel.fit(pairs, { factors: 8, iterations: 2 });
    const distinct = new Set(data.map(({ user, item }) => `${user} ${item}`));
    expect(model.stats().entries).toBe(new Set([...distinct, 'u0 i0']).size);
    expect(model.hasItem('never')).toBe(true);
    expect([...model.itemVector('never')]).toEqual(Array(8).fill(0));
  });

  test('takes columns, asynchronous sources and any number of factors', async () => {
    const users = [...new Set(data.map(({ user }) => user))];
    const columns = {
      userIds: users,
      itemIds,
      users: Uint32Array.from(data, ({ user }) => users.indexOf(user)),
      items: Uint32Array.from(data, ({ item }) => itemIds.indexOf(item)),
      weights: Float32Array.from(data, ({ weight = 1 }) => weight),
    };
    async function* stream(): AsyncGenerator<Interaction> {
      yield* data;
    }
    for (const factors of [1, 5, 33]) {
      const options = { factors, iterations: 2 };
      using fromArray = await AlsModel.fit(data, options);
      using fromColumns = await AlsModel.fit(columns, options);
      using fromStream = await AlsModel.fit(stream(), options);
      const expected = fromArray.recommend('u5');
      expect(fromColumns.recommend('u5')).toEqual(expected);
      expect(fromStream.recommend('u5')).toEqual(expected);
      expect(fromArray.userVector('u5')).toHaveLength(factors);
    }
  });

  test('goes on from an earlier model, and knows what is new', async () => {
    using first = await AlsModel.fit(data, { factors: 16, iterations: 10 });
    const more = [
      ...data,
      { user: 'newcomer', item: 'i0' },
      { user: 'newcomer', item: 'novelty' },
      { user: 'u0', item: 'novelty' },
    ];
    using second = await AlsModel.fit(more, { factors: 16, iterations: 1, warmStart: first });
    const before = first.recommend('u4', { limit: 10 }).map(({ item }) => item);
    const after = second.recommend('u4', { limit: 10 }).map(({ item }) => item);
    expect(after.filter((item) => before.includes(item)).length).toBeGreaterThanOrEqual(7);
    expect(second.recommend('newcomer', { limit: 3 })).toHaveLength(3);
    expect(dot(second.itemVector('novelty'), second.itemVector('novelty'))).toBeGreaterThan(0);
    expect(await codeOf(AlsModel.fit(data, { factors: 8, warmStart: first }))).toBe('ERR_EASY11_INVALID_OPTION');
  });

  test('goes on with what it has learnt from, where only what is new is brought', async () => {
    using first = await AlsModel.fit(data, { factors: 16, iterations: 10 });
    await first.updateUser('guest', historyOf('u2'));
    const more = [
      { user: 'newcomer', item: 'i0' },
      { user: 'newcomer', item: 'novelty' },
      { user: 'u0', item: 'novelty' },
    ];
    const options = { factors: 16, iterations: 1, warmStart: first, extend: true };
    using second = await AlsModel.fit(more, options);
    const guest = historyOf('u2').map((one) => ({ user: 'guest', ...one }));
    using whole = await AlsModel.fit([...data, ...guest, ...more], { factors: 16, iterations: 1, warmStart: first });
    expect(second.stats()).toMatchObject({ users: whole.stats().users, items: whole.stats().items });
    const itemsOf = (model: AlsModel, user: string): string[] =>
      model
        .history(user)
        .map(({ item }) => item)
        .sort();
    for (const user of ['u0', 'u7', 'guest', 'newcomer']) expect(itemsOf(second, user)).toEqual(itemsOf(whole, user));
    const names = (model: AlsModel, user: string): string[] =>
      model.recommend(user, { limit: 10 }).map(({ item }) => item);
    for (const user of ['u4', 'guest'])
      expect(names(second, user).filter((item) => names(whole, user).includes(item)).length).toBeGreaterThanOrEqual(7);
    expect(dot(second.itemVector('novelty'), second.itemVector('novelty'))).toBeGreaterThan(0);

    const columns = {
      ...{ userIds: ['newcomer', 'u0'], itemIds: ['i0', 'novelty'] },
      ...{ users: Uint32Array.of(0, 0, 1), items: Uint32Array.of(0, 1, 1) },
    };
    using fromColumns = await AlsModel.fit(columns, options);
    expect(fromColumns.recommend('newcomer')).toEqual(second.recommend('newcomer'));
    expect(await codeOf(AlsModel.fit({ ...columns, userIds: ['u0', 'u0'] }, options))).toBe('ERR_EASY11_DUPLICATE_ID');
    using nothingNew = await AlsModel.fit([], options);
    expect(itemsOf(nothingNew, 'u7')).toEqual(itemsOf(first, 'u7'));
    first.close();
    expect(await codeOf(AlsModel.fit(more, options))).toBe('ERR_EASY11_CLOSED');
  });

  test('goes on from a file, and from histories that were given in any order', async () => {
    using first = await AlsModel.fit(data, { factors: 16, iterations: 2 });
    await first.updateUser('u3', ['i9', 'i2', { item: 'i5', weight: 2 }]);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-als-extend-'));
    try {
      await first.save(path.join(folder, 'model'));
      using loaded = await AlsModel.load(path.join(folder, 'model'));
      await loaded.updateUser('u4', ['i7', 'i1']);
      const more = [
        { user: 'u3', item: 'i5' },
        { user: 'u4', item: 'i1', weight: 4 },
      ];
      using second = await AlsModel.fit(more, { factors: 16, iterations: 1, warmStart: loaded, extend: true });
      const weights = (user: string): Record<string, number> =>
        Object.fromEntries(second.history(user).map(({ item, weight }) => [item, weight]));
      expect(weights('u3')).toEqual({ i2: 1, i5: 3, i9: 1 });
      expect(second.history('u3')).toHaveLength(3);
      expect(weights('u4')).toEqual({ i1: 5, i7: 1 });
      expect(second.history('u5')).toEqual(loaded.history('u5'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('takes new and changed users and items into the model', async () => {
    using model = await AlsModel.fit(data, { factors: 16, iterations: 6 });
    const visitor = historyOf('u2');
    await model.updateUser('guest', visitor);
    expect(model.recommend('guest')).toEqual(model.recommend(visitor));
    await model.updateUser('u2', [{ item: 'i1' }]);
    expect(model.recommend('u2', { limit: 1000 }).some(({ item }) => item === 'i1')).toBe(false);
    const fans = Array.from({ length: 30 }, (_, i) => `u${6 * i}`);
    await model.updateItem('fresh', fans);
    expect(model.recommend('u6', { limit: 60 }).map(({ item }) => item)).toContain('fresh');
    expect(
      (await model.similarItems('fresh', { limit: 5 })).filter(({ id }) => Number(id.slice(1)) % 6 === 0).length,
    ).toBeGreaterThan(2);
    expect(model.stats()).toMatchObject({ users: 201, items: itemIds.length + 1 });
  });
});
