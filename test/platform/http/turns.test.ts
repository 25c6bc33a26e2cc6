import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAdmission } from '../../../src/platform/http/admission';
import { Turns } from '../../../src/platform/http/turns';

/** Each request takes three milliseconds: two fit into a slice of five, the second one running over. */
function open(): { turns: Turns; done: string[]; take(name: string): void; clock: { now: number } } {
  const clock = { now: 0 };
  const done: string[] = [];
  const turns = new Turns(() => clock.now);
  const take = (name: string): void =>
    turns.take(() => {
      done.push(name);
      clock.now += 3;
    });
  return { turns, done, take, clock };
}
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a request runs at once while this turn of the loop has time, the next ones in later turns, in their order', async () => {
  const { turns, done, take } = open();
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) take(name);
  expect(done).toEqual(['a', 'b']);
  expect(turns.waiting).toBe(5);
  await nextTurn();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
  // Whoever comes now has not waited yet.
  take('h');
  await nextTurn();
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  await nextTurn();
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  expect(turns.waiting).toBe(0);
  take('i');
  expect(done.at(-1)).toBe('i');
});

test('how long the first has waited is known, and nothing when nobody waits', async () => {
  const { turns, take, clock } = open();
  for (const name of ['a', 'b', 'c']) take(name);
  clock.now += 100;
  expect(turns.longestMs).toBe(100);
  await nextTurn();
  expect(turns.longestMs).toBe(0);
});

test('a thousand that wait are all run, each once', async () => {
  const { turns, done, take } = open();
  const names = Array.from({ length: 2_500 }, (_, n) => String(n));
  for (const name of names) take(name);
  while (turns.waiting > 0) await nextTurn();
  expect(done).toEqual(names);
});

test('what is vital passes what waits; whoever has gone meanwhile is not answered', async () => {
  const clock = { now: 0 };
  const turns = new Turns(() => clock.now);
  const admission = createAdmission({
    limiter: undefined,
    proxies: 0,
    level: () => 0,
    priorityOf: (path) => (path === '/checkout' ? 'vital' : 'normal'),
    turns,
  });
  const done: string[] = [];
  const enter = (url: string, name: string, res = {}): void =>
    admission.enter({ url } as IncomingMessage, res as ServerResponse, () => {
      done.push(name);
      clock.now += 6;
    });
  enter('/search', 'first');
  enter('/search', 'second');
  enter('/search', 'gone', { destroyed: true });
  enter('/checkout', 'checkout');
  expect(done).toEqual(['first', 'checkout']);
  while (turns.waiting > 0) await nextTurn();
  expect(done).toEqual(['first', 'checkout', 'second']);
});
