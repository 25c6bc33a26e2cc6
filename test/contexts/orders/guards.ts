import { placeOrder } from '../../../src/contexts/orders/checkout';
import { readOrder } from '../../../src/contexts/orders/orders';
import { advanceSaga, recoverSaga, Superseded } from '../../../src/contexts/orders/saga/advance';
import { checkoutSchema } from '../../../src/contexts/orders/schemas';
import type { Saga } from '../../../src/contexts/orders/store/sagas';
import type { Payments } from '../../../src/contexts/payments';
import type { ByHand } from './by-hand';

/** What the guards of a saga are for: tests of zombie.test.ts, which mutants.test.ts plays again without the guards. */

/** All that is written of an order and its saga: also when its lease ends, and its next step is due. */
async function writtenOf({ shop }: ByHand, id: string): Promise<unknown> {
  const { rows } = await shop.pool.query('select * from sagas where order_id = $1', [id]);
  return [...(rows as unknown[]), await readOrder(shop.pool, id)];
}

/** A worker that has called the provider, and freezes until another has finished the saga. */
export async function zombieWritesNothing(hand: ByHand): Promise<void> {
  const { shop } = hand;
  const { id, saga } = await hand.placed();
  const authorising = await hand.next(saga);
  expect(authorising.step).toBe('authorise');
  // The zombie has called the provider, and freezes before it writes down what it heard.
  let wake = (): void => undefined;
  const frozen = new Promise<void>((resolve) => (wake = resolve));
  let called = (): void => undefined;
  const calling = new Promise<void>((resolve) => (called = resolve));
  const slow: Payments = {
    ...hand.payments,
    callAuthorise: async (payment, signal) => {
      const result = await hand.payments.callAuthorise(payment, signal);
      called();
      await frozen;
      return result;
    },
  };
  const zombie = advanceSaga(hand.database, { ...hand.context, payments: slow }, authorising);
  await calling;
  await hand.expire(id);
  await hand.toTheEnd(await hand.claim(id));
  const before = await writtenOf(hand, id);
  wake();
  const refusal: unknown = await zombie.catch((thrown: unknown) => thrown);
  expect(await writtenOf(hand, id)).toEqual(before);
  expect(refusal).toBeInstanceOf(Superseded);
  expect(before).toMatchObject([{ step: 'confirm', state: 'done' }, { state: 'confirmed' }]);
  expect((await shop.sandbox.books()).filter(({ reference }) => reference === id)).toHaveLength(1);
  expect(await shop.broken()).toEqual([]);
}

/** A worker that gives up a step which another has taken over meanwhile. */
export async function zombiePutsNothingOff(hand: ByHand): Promise<void> {
  const { shop } = hand;
  const { id, saga } = await hand.placed();
  await hand.expire(id);
  const other = await hand.claim(id);
  expect(other.fence).toBe(saga.fence + 1);
  const before = await writtenOf(hand, id);
  await recoverSaga(hand.database, { ...saga, attempts: 99 }, new Error('too late'));
  expect(await writtenOf(hand, id)).toEqual(before);
  await hand.toTheEnd(other);
  expect(await shop.broken()).toEqual([]);
}

/** A worker that dies at the end of each step, just before the commit; the next one does the step. */
export async function dyingWorkerTellsNobody(hand: ByHand): Promise<void> {
  const { shop } = hand;
  const { id, saga } = await hand.placed();
  const dying: Parameters<typeof advanceSaga>[0] = {
    transaction: (work) =>
      hand.database.transaction(async (client) => {
        await work(client);
        throw new Error('killed before the commit');
      }),
  };
  // The catalogue follows the stock by itself, whenever it comes to it.
  const seen = async (): Promise<unknown> => {
    const { rows } = await shop.pool.query(
      `select (select count(*) from outbox_events where aggregate not like 'product:%') as events, (select count(*) from order_history) as history,
         (select version from orders where id = $1) as version`,
      [id],
    );
    return [rows, await hand.row(id)];
  };
  const done: string[] = [];
  for (let current: Saga | undefined = saga; current;) {
    const before = await seen();
    await expect(advanceSaga(dying, hand.context, current)).rejects.toThrow('killed before the commit');
    expect(await seen()).toEqual(before);
    done.push(current.step);
    const step = await advanceSaga(hand.database, hand.context, current);
    current = 'next' in step ? step.next : undefined;
  }
  expect(done).toEqual(['fraud', 'authorise', 'commit', 'confirm']);
  expect((await shop.sandbox.books()).filter(({ reference }) => reference === id)).toHaveLength(1);
  expect(await shop.broken()).toEqual([]);
}

/** A provider that has charged, and whose answer never came. */
export async function lostAnswerIsFound(hand: ByHand): Promise<void> {
  const { shop } = hand;
  const { id, saga } = await hand.placed();
  const authorising = await hand.next(saga);
  await shop.sandbox.control({ faults: { errorAfter: 1 } });
  const error: unknown = await advanceSaga(hand.database, hand.context, authorising).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'GatewayUnavailable' });
  await recoverSaga(hand.database, authorising, error);
  await shop.sandbox.control({ faults: {} });
  await hand.toTheEnd(await hand.claimNow(id));
  expect(await shop.broken()).toEqual([]);
  expect((await shop.sandbox.books()).filter(({ reference }) => reference === id)).toHaveLength(1);
  expect((await readOrder(shop.pool, id)).state).toBe('confirmed');
}

/** A checkout whose commit the database refuses. */
export async function refusedCommitTellsNobody(hand: ByHand): Promise<void> {
  const { pool } = hand.shop;
  await pool.query('create table if not exists promises (id int primary key deferrable initially deferred)');
  const left = async (): Promise<unknown> => {
    const { rows } = await pool.query(
      `select (select count(*) from outbox_events where aggregate not like 'product:%') as events,
         (select count(*) from orders) as orders, (select count(*) from reservations) as reservations`,
    );
    return rows;
  };
  const quoteId = await hand.shop.quote([await hand.shop.product(1)]);
  const before = await left();
  const buying = hand.database.transaction(async (client) => {
    await placeOrder(client, hand.payments, checkoutSchema.parse(hand.shop.request(quoteId)), 'test');
    await client.query('insert into promises values (1), (1)'); // wrong, which is noticed with the commit
  });
  await expect(buying).rejects.toMatchObject({ code: '23505' });
  expect(await left()).toEqual(before);
}
