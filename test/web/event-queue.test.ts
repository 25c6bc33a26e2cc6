import fc from 'fast-check';
import { ApiError } from '../../web/src/api/client';
import { choiceOf } from '../../web/src/tracking/consent';
import { BrowserEventStore } from '../../web/src/tracking/event-store';
import type { ShopEvent } from '../../web/src/tracking/happenings';
import { ShopEventQueue } from '../../web/src/tracking/queue';
import { newEventId, newVisitorId, purchaseEventId } from '../../web/src/tracking/uuid';
import { trackedEventSchema } from '../../src/contexts/tracking/schemas';
import { timeOf } from '../../src/contexts/tracking/rules';

const PRODUCT = 'prd_0193a5b0-1c2d-7e3f-8a4b-5c6d7e8f9a0b';
let moment = Date.UTC(2026, 10, 26);
const event = (): ShopEvent => ({
  id: newEventId(++moment),
  type: 'view',
  productId: PRODUCT,
  visitorId: newVisitorId(),
  consent: true,
});

/** What a browser keeps for all its windows. */
function browserStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  };
}

/** A shop that stores by id, and a browser whose windows send to it; time passes when the test says so. */
function street() {
  const storage = browserStorage();
  const stored = new Map<string, ShopEvent>();
  const state = { allowed: true, away: undefined as ApiError | undefined, answersLost: false, requests: 0 };
  const pauses: number[] = [];
  const open = () => {
    const tasks: (() => void)[] = [];
    const store = new BrowserEventStore(() => storage);
    const queue = new ShopEventQueue({
      store,
      allowed: () => state.allowed,
      send: async (events) => {
        state.requests++;
        if (state.away) throw state.away;
        for (const one of events) stored.set(one.id, one);
        if (state.answersLost) throw new ApiError('The shop does not answer', undefined);
      },
      beacon: (lines) => {
        if (state.away) return true; // the browser took it, and it never arrived
        for (const line of lines.split('\n')) stored.set((JSON.parse(line) as ShopEvent).id, JSON.parse(line));
        return true;
      },
      later: (milliseconds, task) => {
        pauses.push(milliseconds);
        tasks.push(task);
      },
      random: () => 0,
    });
    queue.start();
    return {
      queue,
      store,
      /** Lets what was put off happen, and waits for the request that it makes. */
      pass: async () => {
        for (const task of tasks.splice(0)) task();
        await queue.flush();
      },
    };
  };
  return { storage, stored, state, pauses, open };
}
const away = (status: number | undefined, retryAfterMs = 0): ApiError =>
  new ApiError('away', status, {}, undefined, [], retryAfterMs);

describe('events on their way to the shop', () => {
  test('gather for a few seconds and are one request', async () => {
    const { open, stored, state, pauses } = street();
    const { queue, pass, store } = open();
    const events = [event(), event(), event()];
    for (const one of events) queue.add(one);
    expect([state.requests, pauses]).toEqual([0, [3_000]]);
    await pass();
    expect(state.requests).toBe(1);
    expect([...stored.values()]).toEqual(events);
    expect(store.list()).toEqual([]);
  });

  test('all arrive, once, whatever fails, is reloaded or left in between', async () => {
    const step = fc.constantFrom('add', 'pass', 'away', 'lost', 'back', 'leave', 'reload', 'other window');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { open, stored, state } = street();
        let windows = [open()];
        const told: ShopEvent[] = [];
        for (const what of steps) {
          const [{ queue, pass } = open()] = windows;
          if (what === 'add') {
            told.push(event());
            queue.add(told.at(-1)!);
          } else if (what === 'pass') await pass();
          else if (what === 'away') state.away = away(503);
          else if (what === 'lost') state.answersLost = true;
          else if (what === 'back') [state.away, state.answersLost] = [undefined, false];
          else if (what === 'leave') queue.leave();
          else if (what === 'reload') {
            queue.leave();
            windows = [open(), ...windows.slice(1)];
          } else windows = [open(), ...windows];
        }
        [state.away, state.answersLost] = [undefined, false];
        for (const { pass } of [open(), ...windows]) await pass();
        expect([...stored.keys()].sort()).toEqual(told.map(({ id }) => id));
        expect(open().store.list()).toEqual([]);
      }),
      { numRuns: 200, seed: 11 },
    );
  });

  test('are asked for again later and later, and never sooner than the shop wants', async () => {
    const { open, state, pauses } = street();
    const { queue, pass } = open();
    queue.add(event());
    state.away = away(undefined);
    for (let attempt = 0; attempt < 8; attempt++) await pass();
    expect(pauses).toEqual([3_000, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
    state.away = away(503, 400_000);
    await pass();
    expect(pauses.at(-1)).toBe(400_000);
    state.away = undefined;
    await pass();
    queue.add(event());
    state.away = away(429);
    await pass();
    expect(pauses.slice(-2)).toEqual([3_000, 5_000]);
  });

  test('are not sent again when the shop refuses them for good', async () => {
    const { open, state } = street();
    const { queue, pass, store } = open();
    queue.add(event());
    state.away = away(400);
    await pass();
    expect([state.requests, store.list()]).toEqual([1, []]);
  });

  test('go in requests of 50, and are at most 300: the oldest are given up', async () => {
    const { open, stored, state } = street();
    const { queue, pass } = open();
    const events = Array.from({ length: 320 }, event);
    for (const one of events) queue.add(one);
    await pass();
    expect(state.requests).toBe(6);
    expect([...stored.keys()]).toEqual(events.slice(20).map(({ id }) => id));
  });

  test('are handed to the browser once when the page is left, and kept until an answer comes', async () => {
    const { open, stored, state } = street();
    const { queue, store, pass } = open();
    const events = [event(), event()];
    for (const one of events) queue.add(one);
    queue.leave();
    expect([...stored.values()]).toEqual(events);
    stored.clear();
    queue.leave();
    expect([stored.size, store.list(), state.requests]).toEqual([0, events, 0]);
    await pass();
    expect([state.requests, store.list()]).toEqual([1, []]);
  });

  test('are neither kept nor sent without consent, and forgotten when it is taken back', async () => {
    const { open, stored, state, storage } = street();
    const { queue, pass } = open();
    queue.add(event());
    state.allowed = false;
    queue.add(event());
    queue.leave();
    await pass();
    expect([stored.size, state.requests, storage.length]).toEqual([0, 0, 1]);
    queue.drop();
    expect(storage.length).toBe(0);
  });

  test('wait in the page where the browser keeps nothing', async () => {
    const store = new BrowserEventStore(() => {
      throw new DOMException('forbidden', 'SecurityError');
    }, 2);
    const events = [event(), event(), event()];
    for (const one of events) store.put(one);
    expect(store.list()).toEqual(events.slice(1));
    store.remove([events[1]!.id]);
    expect(store.list()).toEqual(events.slice(2));
  });

  test('leave alone what others keep there, and drop what is no event', () => {
    const storage = browserStorage();
    storage.setItem('easy11.cart', '{}');
    storage.setItem('easy11.event.evt_x', '{half');
    const store = new BrowserEventStore(() => storage);
    expect(store.list()).toEqual([]);
    expect([storage.length, storage.key(0)]).toEqual([1, 'easy11.cart']);
  });
});

describe('the ids of events', () => {
  test('are what the shop takes, and say when it happened', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (at) => {
        const id = newEventId(at);
        const given = { id, type: 'view', visitorId: newVisitorId(), consent: true, productId: PRODUCT };
        expect(trackedEventSchema.safeParse(given).error).toBeUndefined();
        expect(timeOf(id.slice(4))).toBe(at);
      }),
      { seed: 1 },
    );
  });

  test('of a purchase follow from the order and the product', () => {
    const [order, other] = [newEventId(1_000), newEventId(1_000)].map((id) => id.replace('evt', 'ord')) as [
      string,
      string,
    ];
    const id = purchaseEventId(order, PRODUCT);
    expect(purchaseEventId(order, PRODUCT)).toBe(id);
    expect(new Set([id, purchaseEventId(other, PRODUCT), purchaseEventId(order, newVisitorId())]).size).toBe(3);
    const given = {
      id,
      type: 'purchase',
      visitorId: newVisitorId(),
      consent: true,
      productId: PRODUCT,
      orderId: order,
    };
    expect(trackedEventSchema.safeParse(given).error).toBeUndefined();
    expect(timeOf(id.slice(4))).toBe(1_000);
  });
});

describe('consent', () => {
  test.each([
    [undefined, {}, undefined],
    [undefined, { doNotTrack: '0', globalPrivacyControl: false }, undefined],
    [undefined, { doNotTrack: '1' }, 'refused'],
    [undefined, { globalPrivacyControl: true }, 'refused'],
    ['granted', { doNotTrack: '1', globalPrivacyControl: true }, 'granted'],
    ['refused', {}, 'refused'],
  ] as const)('chosen as %s in a browser that says %j is %s', (chosen, signals, holds) => {
    expect(choiceOf(chosen, signals)).toBe(holds);
  });
});
