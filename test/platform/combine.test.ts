import { setImmediate as turn } from 'node:timers/promises';
import { combine } from '../../src/platform/combine';

/** Work that is ended by the test, and the groups that it was given. */
function work() {
  const groups: (readonly number[])[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const run = (items: readonly number[]): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      groups.push(items);
      ends.push((error) => (error ? reject(error) : resolve(items.map((item) => `done ${item}`))));
    });
  return { groups, run, end: (group: number, error?: Error) => ends[group]?.(error) };
}

test('whoever comes alone is begun with at once, and whoever comes meanwhile goes together', async () => {
  const { groups, run, end } = work();
  const join = combine(run, { lanes: 1, most: 10 });
  const first = join(1);
  await turn();
  expect(groups).toEqual([[1]]);
  const others = [join(2), join(3)];
  await turn();
  others.push(join(4));
  await turn();
  expect(groups).toEqual([[1]]);
  end(0);
  expect(await first).toBe('done 1');
  await turn();
  expect(groups).toEqual([[1], [2, 3, 4]]);
  end(1);
  expect(await Promise.all(others)).toEqual(['done 2', 'done 3', 'done 4']);
});

test('those who come in the same moment go together, no more of them than may, in so many lanes as there are', async () => {
  const { groups, run, end } = work();
  const join = combine(run, { lanes: 2, most: 3 });
  const all = Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(join));
  await turn();
  expect(groups).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  end(1);
  await turn();
  expect(groups.at(-1)).toEqual([7, 8]);
  end(0);
  end(2);
  expect(await all).toHaveLength(8);
});

test('what goes wrong with a group is its own alone', async () => {
  const { run, end } = work();
  const join = combine(run, { lanes: 1, most: 2 });
  const ends = Promise.allSettled([1, 2, 3].map(join));
  await turn();
  end(0, new Error('broken'));
  await turn();
  end(1);
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});

test('work that forgets one of its items fails for all of them', async () => {
  const join = combine(() => Promise.resolve(['one']), { lanes: 1, most: 2 });
  const ends = await Promise.allSettled([1, 2].map(join));
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
