import { AlsModel, type AlsProgress, type Interaction } from '../../../../src/core';
import { codeOf, makeInteractions, thrownCode } from '../../../support/interactions';

const data = makeInteractions(2, { users: 60, items: 40 });

/** What JavaScript callers and parsed JSON may hand over, whatever the types say. */
const anything = (value: unknown): never => value as never;

describe('AlsModel.fit refuses', () => {
  test.each<[string, unknown, string]>([
    ['a negative weight', { user: 'a', item: 'b', weight: -1 }, 'ERR_EASY11_INVALID_WEIGHT'],
    ['a weight of NaN', { user: 'a', item: 'b', weight: NaN }, 'ERR_EASY11_INVALID_WEIGHT'],
    ['an infinite weight', { user: 'a', item: 'b', weight: Infinity }, 'ERR_EASY11_INVALID_WEIGHT'],
    ['a weight in words', { user: 'a', item: 'b', weight: '1' }, 'ERR_EASY11_INVALID_WEIGHT'],
    ['an empty user', { user: '', item: 'b' }, 'ERR_EASY11_INVALID_ID'],
    ['a number for an item', { user: 'a', item: 7 }, 'ERR_EASY11_INVALID_ID'],
    ['an id of 1,025 units', { user: 'a'.repeat(1025), item: 'b' }, 'ERR_EASY11_INVALID_ID'],
    ['a time of NaN', { user: 'a', item: 'b', time: NaN }, 'ERR_EASY11_INVALID_OPTION'],
    ['null', null, 'ERR_EASY11_INVALID_OPTION'],
  ])('an interaction with %s, and says which it is', async (_, wrong, code) => {
    const work = AlsModel.fit([...data.slice(0, 3), anything(wrong)]);
    await expect(work).rejects.toMatchObject({
      name: 'Easy11Error',
      code,
      message: expect.stringContaining('Interaction 3'),
    });
  });

  test.each<[string, object]>([
    ['0 factors', { factors: 0 }],
    ['10,000 factors', { factors: 10_000 }],
    ['half a factor', { factors: 1.5 }],
    ['−1 iterations', { iterations: -1 }],
    ['a negative λ', { regularization: -0.1 }],
    ['a λ of NaN', { regularization: NaN }],
    ['an α₀ of 0', { unobservedWeight: 0 }],
    ['a ν of 3', { nu: 3 }],
    ['an unknown mode', { mode: 'quick' }],
    ['0 threads', { threads: 0 }],
    ['a seed of −1', { seed: -1 }],
    ['a misspelt option', { lambda: 0.1 }],
    ['a warm start from something else', { warmStart: {} }],
    ['to extend no model', { extend: true }],
    ['a signal that is none', { signal: 5 }],
    ['a progress that is none', { onProgress: 5 }],
  ])('%s', async (_, options) => {
    expect(await codeOf(AlsModel.fit(data, options))).toBe('ERR_EASY11_INVALID_OPTION');
  });

  test('nothing to learn from, and what is no source', async () => {
    expect(await codeOf(AlsModel.fit([]))).toBe('ERR_EASY11_EMPTY_DATA');
    expect(await codeOf(AlsModel.fit([{ user: 'a', item: 'b', weight: 0 }]))).toBe('ERR_EASY11_EMPTY_DATA');
    for (const source of [null, 5, undefined, {}])
      expect(await codeOf(AlsModel.fit(anything(source)))).toBe('ERR_EASY11_INVALID_OPTION');
    const columns = { userIds: ['a'], itemIds: ['b'], users: Uint32Array.of(0), items: Uint32Array.of(1) };
    expect(await codeOf(AlsModel.fit(columns))).toBe('ERR_EASY11_INVALID_OPTION');
    expect(await codeOf(AlsModel.fit({ ...columns, items: Uint32Array.of(0, 0) }))).toBe('ERR_EASY11_INVALID_OPTION');
    expect(await codeOf(AlsModel.fit({ ...columns, itemIds: ['b', 'b'] }))).toBe('ERR_EASY11_DUPLICATE_ID');
  });

  test('one single interaction is enough', async () => {
    using model = await AlsModel.fit([{ user: 'a', item: 'b' }], { factors: 64 });
    expect(model.recommend('a')).toEqual([]);
    expect(model.recommend('a', { exclude: 'none' })).toHaveLength(1);
  });
});

describe('a model refuses', () => {
  let model: AlsModel;
  beforeAll(async () => {
    model = await AlsModel.fit(data, { factors: 8, iterations: 2 });
  });
  afterAll(() => model.close());

  test('ids that it does not know, where it must know them', async () => {
    expect(thrownCode(() => model.recommend('nobody'))).toBe('ERR_EASY11_UNKNOWN_ID');
    expect(thrownCode(() => model.userVector('nobody'))).toBe('ERR_EASY11_UNKNOWN_ID');
    expect(thrownCode(() => model.itemVector('nothing'))).toBe('ERR_EASY11_UNKNOWN_ID');
    expect(thrownCode(() => model.explain('u0', 'nothing'))).toBe('ERR_EASY11_UNKNOWN_ID');
    expect(await codeOf(model.similarItems('nothing'))).toBe('ERR_EASY11_UNKNOWN_ID');
    expect(await codeOf(model.similarUsers('nobody'))).toBe('ERR_EASY11_UNKNOWN_ID');
    expect(await codeOf(model.recommendMany(['u0', 'nobody']))).toBe('ERR_EASY11_UNKNOWN_ID');
    expect(model.hasUser('nobody') || model.hasItem('nothing')).toBe(false);
  });

  test('histories and options that make no sense', async () => {
    const wrong: [unknown, unknown, string][] = [
      ['u0', { limit: 0 }, 'ERR_EASY11_INVALID_LIMIT'],
      ['u0', { limit: 1001 }, 'ERR_EASY11_INVALID_LIMIT'],
      ['u0', { filter: true }, 'ERR_EASY11_INVALID_OPTION'],
      ['u0', { exclude: 'all' }, 'ERR_EASY11_INVALID_OPTION'],
      ['u0', { exclude: 5 }, 'ERR_EASY11_INVALID_OPTION'],
      ['u0', { filtre: () => true }, 'ERR_EASY11_INVALID_OPTION'],
      ['u0', null, 'ERR_EASY11_INVALID_OPTION'],
      ['', {}, 'ERR_EASY11_INVALID_ID'],
      [5, {}, 'ERR_EASY11_INVALID_OPTION'],
      [null, {}, 'ERR_EASY11_INVALID_OPTION'],
      [[5], {}, 'ERR_EASY11_INVALID_OPTION'],
      [[{ item: 'i1', weight: -1 }], {}, 'ERR_EASY11_INVALID_WEIGHT'],
      [[{ item: 'i1', weight: NaN }], {}, 'ERR_EASY11_INVALID_WEIGHT'],
    ];
    for (const [user, options, code] of wrong)
      expect([user, options, thrownCode(() => model.recommend(anything(user), anything(options)))]).toEqual([
        user,
        options,
        code,
      ]);
    expect(await codeOf(model.recommendMany(anything('u0')))).toBe('ERR_EASY11_INVALID_OPTION');
    expect(await codeOf(model.updateUser('', []))).toBe('ERR_EASY11_INVALID_ID');
    expect(model.recommend([]).length).toBe(20);
    expect(model.recommend(['unknown']).length).toBe(20);
  });

  test('everything once it is closed', async () => {
    const closed = await AlsModel.fit(data, { factors: 4, iterations: 1 });
    const ranking = closed.recommendMany(['u0', 'u1']);
    closed.close();
    closed.close();
    expect(await codeOf(ranking)).toBe('ERR_EASY11_CLOSED');
    expect(thrownCode(() => closed.recommend('u0'))).toBe('ERR_EASY11_CLOSED');
    expect(thrownCode(() => closed.stats())).toBe('ERR_EASY11_CLOSED');
    expect(await codeOf(closed.similarItems('i0'))).toBe('ERR_EASY11_CLOSED');
    expect(await codeOf(closed.save('/tmp/never'))).toBe('ERR_EASY11_CLOSED');
    expect(await codeOf(closed.updateUser('u0', []))).toBe('ERR_EASY11_CLOSED');
  });
});

describe('training', () => {
  const big = makeInteractions(4, { users: 3000, items: 800, perUser: 40 });

  test('reports progress, and can be aborted in every phase, soon', async () => {
    const seen: AlsProgress[] = [];
    using model = await AlsModel.fit(data, {
      factors: 8,
      iterations: 3,
      onProgress: (progress) => seen.push(progress),
    });
    expect(model.stats().users).toBeGreaterThan(0);
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['reading', 'building', 'training']);
    expect(seen.at(-1)).toEqual({ phase: 'training', done: 6, total: 6 });
    for (const phase of ['none', 'reading', 'training']) {
      const controller = new AbortController();
      const reason = new Error('enough');
      if (phase === 'none') controller.abort(reason);
      const onProgress = (progress: AlsProgress): void => {
        if (progress.phase === phase) controller.abort(reason);
      };
      const work = AlsModel.fit(big, { factors: 48, iterations: 500, signal: controller.signal, onProgress });
      await expect(work).rejects.toMatchObject({ name: 'AbortError', code: 'ERR_EASY11_ABORTED', cause: reason });
    }
  });

  test('passes on what the source or onProgress throws, and closes the source', async () => {
    let closed = false;
    function* failing(): Generator<Interaction> {
      try {
        yield* data;
        throw new RangeError('the database went away');
      } finally {
        closed = true;
      }
    }
    await expect(AlsModel.fit(failing())).rejects.toEqual(new RangeError('the database went away'));
    expect(closed).toBe(true);
    const onProgress = (): void => {
      throw new TypeError('a bug of the caller');
    };
    await expect(AlsModel.fit(data, { onProgress })).rejects.toEqual(new TypeError('a bug of the caller'));
  });

  test('leaves the event loop alive', async () => {
    const gaps: number[] = [];
    let training = true;
    const turning = (async () => {
      for (let last = performance.now(); training;) {
        await new Promise((resolve) => setImmediate(resolve));
        gaps.push(performance.now() - last);
        last = performance.now();
      }
    })();
    using model = await AlsModel.fit(big, { factors: 24, iterations: 12 });
    training = false;
    await turning;
    expect(model.stats().users).toBe(3000);
    const ascending = gaps.toSorted((a, b) => a - b);
    // A slice is a few milliseconds at most; the bound leaves room for other suites on the same cores.
    expect(ascending[Math.floor(ascending.length * 0.9)]).toBeLessThan(100);
  });
});
