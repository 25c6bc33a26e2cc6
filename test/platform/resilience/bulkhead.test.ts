import { Bulkhead, BulkheadFull } from '../../../src/platform/resilience/bulkhead';

/** Whoever was given a place has begun. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Held {
  readonly done: Promise<number>;
  end(): void;
  fail(): void;
}

function hold(bulkhead: Bulkhead, started: number[], name: number, signal?: AbortSignal): Held {
  let end: (() => void) | undefined;
  let fail: (() => void) | undefined;
  const done = bulkhead.run(() => {
    started.push(name);
    return new Promise<number>((resolve, reject) => {
      end = (): void => resolve(name);
      fail = (): void => reject(new Error(`${name} failed`));
    });
  }, signal);
  done.catch(() => undefined); // looked at by the test
  return { done, end: () => end?.(), fail: () => fail?.() };
}

describe('the bulkhead', () => {
  test('runs as many as may, lets as many wait, and refuses the rest', async () => {
    const bulkhead = new Bulkhead({ limit: 2, queue: 2 });
    const started: number[] = [];
    const held = [1, 2, 3, 4, 5].map((name) => hold(bulkhead, started, name));
    expect([started, bulkhead.running, bulkhead.waiting]).toEqual([[1, 2], 2, 2]);
    await expect(held[4]!.done).rejects.toThrow(BulkheadFull);
    for (const one of held.slice(0, 4)) {
      one.end();
      await one.done;
      await nextTurn();
    }
    expect([started, bulkhead.running, bulkhead.waiting]).toEqual([[1, 2, 3, 4], 0, 0]);
  });

  test('gives the place of one that fails to the next', async () => {
    const bulkhead = new Bulkhead({ limit: 1, queue: 1 });
    const started: number[] = [];
    const [first, second] = [hold(bulkhead, started, 1), hold(bulkhead, started, 2)];
    first.fail();
    await expect(first.done).rejects.toThrow('1 failed');
    await nextTurn();
    second.end();
    expect([await second.done, bulkhead.running]).toEqual([2, 0]);
  });

  test('lets who gave up go, and calls nobody for them', async () => {
    const bulkhead = new Bulkhead({ limit: 1, queue: 2 });
    const started: number[] = [];
    const controller = new AbortController();
    const first = hold(bulkhead, started, 1);
    const second = hold(bulkhead, started, 2, controller.signal);
    const third = hold(bulkhead, started, 3);
    controller.abort(new Error('no longer wanted'));
    await expect(second.done).rejects.toThrow('no longer wanted');
    first.end();
    await first.done;
    await nextTurn();
    third.end();
    expect([await third.done, started, bulkhead.running, bulkhead.waiting]).toEqual([3, [1, 3], 0, 0]);
  });
});
