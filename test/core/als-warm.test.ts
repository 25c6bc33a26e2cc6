import { FinishMode } from '../../src/core/als/engine';
import { Ids } from '../../src/core/als/ids';
import { openEngine } from '../../src/core/als/open-engine';
import { adopt } from '../../src/core/als/warm';

const idsOf = (...names: string[]): Ids => {
  const ids = new Ids();
  for (const name of names) ids.add(name);
  return ids;
};

const nothing = (): Promise<void> => Promise.resolve();

test('an item that came to a model after its ids were copied is not taken for another', async () => {
  const { engine } = openEngine();
  const { engine: next } = openEngine();
  try {
    const [users, items] = [Uint32Array.of(0, 0, 1, 1), Uint32Array.of(0, 1, 1, 2)];
    engine.append(users, items, Float32Array.of(1, 2, 4, 8), 4);
    await engine.build(2, 3, () => undefined).done;
    await engine.configure(4, 0.1, 0.1, 1, false, 1, 0).done;
    await engine.finish(FinishMode.TURN).done;
    const warm = {
      ...{ users: idsOf('ann', 'bob'), items: idsOf('tea', 'pot'), engine: () => engine },
      read: <T>(work: () => Promise<T>) => work(),
      parameters: { factors: 4 } as never,
    };
    const before = await adopt(warm, next, undefined);
    expect([before.users.size, before.items.size]).toEqual([2, 2]);
    // Under the number of the item that came: another one.
    next.append(Uint32Array.of(1, 1), Uint32Array.of(2, 1), Float32Array.of(16, 32), 2);
    await next.build(2, 3, () => undefined).done;
    const taken = [0, 1].map((user) => {
      const size = next.historySize(user);
      const [columns, weights] = [new Uint32Array(size), new Float32Array(size)];
      next.history(user, columns, weights);
      return Array.from(columns, (item, e) => [item, weights[e]]);
    });
    expect(taken).toEqual([
      [
        [0, 1],
        [1, 2],
      ],
      [
        [1, 36],
        [2, 16],
      ],
    ]);
  } finally {
    engine.close();
    next.close();
  }
});

test('no engine goes on from what is none', async () => {
  const { engine } = openEngine();
  try {
    for (const other of [{}, { ...engine }]) expect(await engine.adopt(other as never, 0, 0).done).toBeGreaterThan(0);
  } finally {
    engine.close();
  }
});

test('ids that go on from others share what was there and nothing that comes later, however often', async () => {
  let ids = idsOf('a', 'b');
  const names = ['a', 'b'];
  for (let round = 0; round < 12; round++) {
    const next = await ids.goOn(nothing);
    expect(next.add(`own ${round}`)).toBe(names.length);
    // Both gave the same number to another id.
    expect(ids.add(`late ${round}`)).toBe(names.length);
    expect(ids.numberOf(`own ${round}`)).toBeUndefined();
    expect(next.numberOf(`late ${round}`)).toBeUndefined();
    names.push(`own ${round}`);
    ids = next;
  }
  expect(ids.names()).toEqual(names);
  expect(names.map((name) => ids.numberOf(name))).toEqual(names.map((_, number) => number));
});
