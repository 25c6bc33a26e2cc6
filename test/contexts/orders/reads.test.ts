import type pg from 'pg';
import { cancelOrder } from '../../../src/contexts/orders/orders';
import { advanceSaga } from '../../../src/contexts/orders/saga/advance';
import type { Saga } from '../../../src/contexts/orders/store/sagas';
import { openByHand, type ByHand } from './by-hand';

let hand: ByHand;
beforeAll(async () => {
  hand = await openByHand();
});
afterAll(() => hand.shop.close());

/** Carries a saga to its end. Resolves to how often each step read a whole order, with its lines. */
async function wholeReads(saga: Saga): Promise<Record<string, number>> {
  const reads: Record<string, number> = {};
  let step = '';
  const counting = <Q extends Pick<pg.ClientBase, 'query'>>(queryable: Q): Q =>
    new Proxy(queryable, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (name !== 'query' || typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          if ((given[0] as { name?: string }).name === 'orders-find') reads[step] = (reads[step] ?? 0) + 1;
          return Reflect.apply(value, target, given);
        };
      },
    });
  const database: Parameters<typeof advanceSaga>[0] = {
    transaction: (work) => hand.database.transaction((client) => work(counting(client))),
  };
  for (let current: Saga | undefined = saga; current;) {
    step = current.step;
    reads[step] = 0;
    const ended = await advanceSaga(database, { ...hand.context, pool: counting(hand.shop.pool) }, current);
    current = 'next' in ended ? ended.next : undefined;
  }
  return reads;
}

test('a step reads a whole order where it tells of it or judges it, and nowhere else', async () => {
  const { id, saga } = await hand.placed();
  expect(await wholeReads(saga)).toEqual({ fraud: 1, authorise: 0, commit: 0, confirm: 1 });
  await hand.database.transaction((client) => cancelOrder(client, id, 'test'));
  expect(await wholeReads(await hand.claim(id))).toEqual({ 'undo-payment': 0, release: 0, cancel: 1 });
  expect(await hand.shop.broken()).toEqual([]);
});
