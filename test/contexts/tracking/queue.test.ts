import { EventQueue } from '../../../src/contexts/tracking/queue';
import type { TrackedEvent } from '../../../src/contexts/tracking/schemas';
import { event, openTrackingShop, tracked } from './shop';

/** A write that ends when it is told to. */
function slowWrite(): {
  writes: string[][];
  write: (events: readonly TrackedEvent[]) => Promise<Set<string>>;
  end(fault?: Error): void;
} {
  const writes: string[][] = [];
  const running: { resolve: (ids: Set<string>) => void; reject: (error: Error) => void }[] = [];
  return {
    writes,
    write: (events) => {
      writes.push(events.map(({ id }) => id));
      return new Promise((resolve, reject) => running.push({ resolve, reject }));
    },
    end: (fault) => {
      const first = running.shift();
      if (fault) first?.reject(fault);
      else first?.resolve(new Set());
    },
  };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the queue of events', () => {
  test('writes together what came while a write was under way, by rising id', async () => {
    const { writes, write, end } = slowWrite();
    const queue = new EventQueue({ write, capacity: 100 });
    const [a, b, c] = [tracked({}, 1_000), tracked({}, 2_000), tracked({}, 3_000)];
    const answers = [queue.add([a])];
    await turn();
    answers.push(queue.add([c]), queue.add([b, a]));
    end();
    await turn();
    end();
    expect(await Promise.all(answers)).toEqual([0, 0, 0]);
    expect(writes).toEqual([[a.id], [a.id, b.id, c.id]]);
    expect(queue.held).toBe(0);
  });

  test('turns away what it has no room for, with a time to come back, and takes it when there is room again', async () => {
    const { write, end } = slowWrite();
    const queue = new EventQueue({ write, capacity: 3 });
    const first = queue.add([tracked(), tracked()]);
    await expect(queue.add([tracked(), tracked()])).rejects.toMatchObject({ code: 'overloaded', retryAfter: 1 });
    const second = queue.add([tracked()]);
    end();
    await turn();
    end();
    expect(await Promise.all([first, second])).toEqual([0, 0]);
    const third = queue.add([tracked(), tracked(), tracked()]);
    await turn();
    end();
    expect(await third).toBe(0);
  });

  test('tells every request of a write that failed, and goes on', async () => {
    const { write, end } = slowWrite();
    const queue = new EventQueue({ write, capacity: 10 });
    const first = queue.add([tracked()]);
    const lost = Promise.allSettled([queue.add([tracked()]), queue.add([tracked()])]);
    end();
    expect(await first).toBe(0);
    await turn();
    end(new Error('the database is away'));
    expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = queue.add([tracked()]);
    await turn();
    end();
    expect(await next).toBe(0);
  });

  test('is a 503 with Retry-After over HTTP when it is full', async () => {
    const shop = await openTrackingShop({ capacity: 2 });
    try {
      const answer = await shop.send([event(), event(), event()]);
      expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([503, 'overloaded', '1']);
      expect((await shop.send([event(), event()])).body.accepted).toBe(2);
    } finally {
      await shop.close();
    }
  });
});
