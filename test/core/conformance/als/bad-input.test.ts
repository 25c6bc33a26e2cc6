import {
  AlsModel,
  baselineMetrics,
  evaluateAls,
  type Interaction,
  splitInteractions,
  tuneAls,
} from '../../../../src/core';
import { codeOf, makeInteractions, thrownCode } from '../../../support/interactions';

const data = makeInteractions(2, { users: 60, items: 40 });

/** What JavaScript callers and parsed JSON may hand over, whatever the types say. */
const anything = (value: unknown): never => value as never;

const NOT_OBJECTS = [null, 5, 'x', true, NaN] as const;
const NOT_IDS = [null, undefined, 5, NaN, '', {}, [], true] as const;
const OPTION = 'ERR_EASY11_INVALID_OPTION';

const outcome = async (work: () => unknown): Promise<string> => {
  let result: unknown;
  const thrown = thrownCode(() => (result = work()));
  return thrown === 'nothing thrown' ? codeOf(Promise.resolve(result)) : thrown;
};

describe('every method of AlsModel answers nonsense with a code', () => {
  let model: AlsModel;
  beforeAll(async () => {
    model = await AlsModel.fit(data, { factors: 8, iterations: 2 });
  });
  afterAll(() => model.close());

  const methods: [string, (options: never) => unknown][] = [
    ['fit', (options) => AlsModel.fit(data, options)],
    ['load', (options) => AlsModel.load('/tmp/never', options)],
    ['fromFactors', (options) => AlsModel.fromFactors({ userFactors: [], itemFactors: [] }, options)],
    ['evaluateAls', (options) => evaluateAls(data, options)],
    ['tuneAls', (options) => tuneAls(data, options)],
    ['AlsModel.evaluate', (options) => AlsModel.evaluate(data, options)],
    ['AlsModel.tune', (options) => AlsModel.tune(data, options)],
    ['baselineMetrics', (options) => baselineMetrics(data, data, options)],
    ['splitInteractions', (options) => splitInteractions(data, options)],
    ['recommend', (options) => model.recommend('u0', options)],
    ['recommendMany', (options) => model.recommendMany(['u0'], options)],
    ['similarItems', (options) => model.similarItems('i0', options)],
    ['similarUsers', (options) => model.similarUsers('u0', options)],
    ['evaluate', (options) => model.evaluate(data, options)],
    ['save', (options) => model.save('/tmp/never', options)],
  ];

  test.each(methods)('%s: options that are none, and names that are misspelt', async (_name, call) => {
    for (const options of [...NOT_OBJECTS, { limt: 5 }, { signal: 5 }])
      expect([options, await outcome(() => call(anything(options)))]).toEqual([options, OPTION]);
  });

  test.each<[string, (value: never) => unknown]>([
    ['fit', (source) => AlsModel.fit(source)],
    ['evaluateAls', (source) => evaluateAls(source)],
    ['tuneAls', (source) => tuneAls(source)],
    ['splitInteractions', (source) => splitInteractions(source, { kind: 'random' })],
    ['baselineMetrics, to learn from', (source) => baselineMetrics(source, data)],
    ['baselineMetrics, to measure', (source) => baselineMetrics(data, source)],
    ['evaluate', (source) => model.evaluate(source)],
  ])('%s: interactions that are none, or wrong', async (_name, call) => {
    for (const source of [...NOT_OBJECTS, undefined, {}])
      expect([source, await outcome(() => call(anything(source)))]).toEqual([source, OPTION]);
    const wrong: [unknown, string][] = [
      ...NOT_OBJECTS.map((one): [unknown, string] => [one, OPTION]),
      ...NOT_IDS.map((id): [unknown, string] => [{ user: id, item: 'i0' }, 'ERR_EASY11_INVALID_ID']),
      ...NOT_IDS.map((id): [unknown, string] => [{ user: 'u0', item: id }, 'ERR_EASY11_INVALID_ID']),
      ...[-1, NaN, Infinity, '1', null].map((weight): [unknown, string] => [
        { user: 'u0', item: 'i0', weight },
        'ERR_EASY11_INVALID_WEIGHT',
      ]),
      [{ user: 'u0', item: 'i0', time: NaN }, OPTION],
    ];
    for (const [one, code] of wrong) {
      const source = [...data.slice(0, 3), anything(one)];
      expect([one, await outcome(() => call(anything(source)))]).toEqual([one, code]);
    }
  });

  test('a weight that is wrong anywhere is refused, in the part that is measured too', async () => {
    for (let place = 0; place < data.length; place += 37) {
      const wrong = data.map((one, i): Interaction => (i === place ? { ...one, weight: -1 } : one));
      const message = expect.stringContaining(`Interaction ${place}: `);
      for (const work of [evaluateAls(wrong), tuneAls(wrong), model.evaluate(wrong)])
        await expect(work).rejects.toMatchObject({ code: 'ERR_EASY11_INVALID_WEIGHT', message });
    }
  });

  test.each<[string, (id: never) => unknown]>([
    ['hasUser', (id) => model.hasUser(id)],
    ['hasItem', (id) => model.hasItem(id)],
    ['history', (id) => model.history(id)],
    ['userVector', (id) => model.userVector(id)],
    ['itemVector', (id) => model.itemVector(id)],
    ['similarItems', (id) => model.similarItems(id)],
    ['similarUsers', (id) => model.similarUsers(id)],
    ['explain', (id) => model.explain('u0', id)],
    ['updateUser', (id) => model.updateUser(id, [])],
    ['updateItem', (id) => model.updateItem(id, [])],
    ['exclude', (id) => model.recommend('u0', { exclude: [id] })],
    ['exclude of many', (id) => model.recommendMany(['u0'], { exclude: [id] })],
    ['an item of a history', (id) => model.foldIn([{ item: id }])],
    ['a user of an item', (id) => model.updateItem('i0', [{ user: id }])],
  ])('%s: ids that are none', async (_name, call) => {
    for (const id of NOT_IDS)
      expect([id, await outcome(() => call(anything(id)))]).toEqual([id, 'ERR_EASY11_INVALID_ID']);
  });

  test.each<[string, (history: never) => unknown]>([
    ['recommend', (history) => model.recommend(history)],
    ['recommendMany', (history) => model.recommendMany([history])],
    ['foldIn', (history) => model.foldIn(history)],
    ['explain', (history) => model.explain(history, 'i0')],
    ['updateUser', (history) => model.updateUser('u0', history)],
    ['updateItem', (history) => model.updateItem('i0', history)],
  ])('%s: histories that are none, or wrong', async (_name, call) => {
    for (const history of [null, undefined, 5, NaN, true, {}, [null], [5], [undefined], [true]])
      expect([history, await outcome(() => call(anything(history)))]).toEqual([history, OPTION]);
    for (const weight of [-1, NaN, Infinity, '1']) {
      const history = [{ item: 'i0', user: 'u0', weight }];
      expect([weight, await outcome(() => call(anything(history)))]).toEqual([weight, 'ERR_EASY11_INVALID_WEIGHT']);
    }
  });

  test('a text where a list of ids is wanted is not a list of letters', async () => {
    expect(await outcome(() => model.updateItem('i0', 'u0'))).toBe(OPTION);
    expect(await outcome(() => model.updateUser('u0', 'i0'))).toBe(OPTION);
    expect(await outcome(() => model.foldIn('i0'))).toBe(OPTION);
    expect(await outcome(() => model.recommend('u0', { exclude: 'i0' as never }))).toBe(OPTION);
  });

  test.each<[string, () => unknown]>([
    ['a split of null', () => evaluateAls(data, { split: anything(null) })],
    ['an unknown split', () => evaluateAls(data, { split: { kind: anything('half') } })],
    ['a share of NaN', () => splitInteractions(data, { kind: 'random', share: NaN })],
    ['a share in words', () => splitInteractions(data, { kind: 'time', share: anything('0.2') })],
    ['a share of 1', () => splitInteractions(data, { kind: 'users', share: 1 })],
    ['a seed of NaN', () => splitInteractions(data, { kind: 'random', seed: NaN })],
    ['a misspelt share', () => splitInteractions(data, anything({ kind: 'random', shere: 0.5 }))],
    ['asynchronous interactions', () => splitInteractions(anything((async function* () {})()), { kind: 'random' })],
    ['no lengths', () => model.evaluate(data, { at: [] })],
    ['lengths of null', () => model.evaluate(data, { at: anything(null) })],
    ['a length of 0', () => baselineMetrics(data, data, { at: [0] })],
    ['a length of NaN', () => evaluateAls(data, { at: [NaN] })],
    ['no factors to try', () => tuneAls(data, { factors: [] })],
    ['factors that are no list', () => tuneAls(data, { factors: anything(8) })],
    ['0 factors', () => tuneAls(data, { factors: [8, 0] })],
    ['a ν of NaN', () => tuneAls(data, { nu: [NaN] })],
    ['no iterations', () => tuneAls(data, { iterations: 0 })],
    ['a split by users', () => tuneAls(data, { split: anything({ kind: 'users' }) })],
    ['a progress that is none', () => tuneAls(data, { onProgress: anything(5) })],
    ['a warm start', () => evaluateAls(data, anything({ warmStart: model }))],
    ['tables of null', () => AlsModel.fromFactors(anything(null))],
    ['a table of null', () => AlsModel.fromFactors({ userFactors: anything(null), itemFactors: [] })],
    ['a table of null rows', () => AlsModel.fromFactors({ userFactors: [], itemFactors: [anything(null)] })],
    [
      'features without end',
      () => AlsModel.fromFactors({ userFactors: [], itemFactors: [{ id: 1, features: { length: 2 ** 40 } }] }),
    ],
    ['a number of factors', () => AlsModel.fromFactors({ userFactors: [], itemFactors: [] }, anything({ factors: 8 }))],
    ['an empty path', () => model.save('')],
    ['a path of null', () => AlsModel.load(anything(null))],
    ['a time of NaN in columns', () => AlsModel.fit({ ...columns, times: Float64Array.of(NaN) })],
  ])('%s', async (_what, call) => {
    expect(await outcome(call)).toBe(OPTION);
  });
  const columns = { userIds: ['a'], itemIds: ['b'], users: Uint32Array.of(0), items: Uint32Array.of(0) };

  test('tables without a row are empty data', async () => {
    expect(await outcome(() => AlsModel.fromFactors({ userFactors: [], itemFactors: [] }))).toBe(
      'ERR_EASY11_EMPTY_DATA',
    );
    using stranger = await AlsModel.fromFactors({ userFactors: [], itemFactors: [{ id: 7, features: [1, 2] }] });
    expect(stranger.recommend(['8'], { limit: 1 }).map(({ item }) => item)).toEqual(['7']);
  });

  test('and is afterwards what it was before', () => {
    expect(model.stats()).toMatchObject({ users: 60, items: new Set(data.map(({ item }) => item)).size });
    expect(model.recommend('u0')).toHaveLength(20);
  });
});
