import { Ids } from '../../src/core/als/ids';
import { openEngine } from '../../src/core/als/open-engine';
import { adopt } from '../../src/core/als/warm';

const idsOf = (...names: string[]): Ids => {
  const ids = new Ids();
  for (const name of names) ids.add(name);
  return ids;
};

test('an item that came to a model after its ids were copied is not taken for another', async () => {
  const { engine } = openEngine();
  try {
    const [users, items] = [Uint32Array.of(0, 0, 1, 1), Uint32Array.of(0, 1, 1, 2)];
    engine.append(users, items, Float32Array.of(1, 2, 4, 8), 4);
    await engine.build(2, 3, () => undefined).done;
    const taken: [user: number, item: number, weight: number][] = [];
    const warm = {
      ...{ users: idsOf('ann', 'bob'), items: idsOf('tea', 'pot'), engine: () => engine },
      parameters: { factors: 4 } as never,
    };
    const before = await adopt(
      warm,
      (block) => {
        for (let e = 0; e < block.count; e++)
          taken.push([block.users[e] as number, block.items[e] as number, block.weights[e] as number]);
      },
      undefined,
    );
    expect(taken).toEqual([
      [0, 0, 1],
      [0, 1, 2],
      [1, 1, 4],
    ]);
    expect(before).toMatchObject({ count: 3, weight: 7 });
    expect([before.users.size, before.items.size]).toEqual([2, 2]);
  } finally {
    engine.close();
  }
});
