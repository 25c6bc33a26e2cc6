import { cancelOrder, readOrder } from '../../../src/contexts/orders/orders';
import { advanceSaga, recoverSaga, Superseded } from '../../../src/contexts/orders/saga/advance';
import { claimSagas } from '../../../src/contexts/orders/store/sagas';
import type { Payments } from '../../../src/contexts/payments';
import { runZombies } from '../../chaos/zombie';
import { openByHand, type ByHand } from './by-hand';
import {
  dyingWorkerTellsNobody,
  lostAnswerIsFound,
  refusedCommitTellsNobody,
  zombiePutsNothingOff,
  zombieWritesNothing,
} from './guards';
import type { Shop } from './shop';

/** Two workers and one saga, step by step. */
let hand: ByHand;
let shop: Shop;
beforeAll(async () => {
  hand = await openByHand();
  shop = hand.shop;
});
afterAll(() => shop.close());

describe('C9: a worker that is silent past its lease', () => {
  test('finds its write refused when another has finished the saga meanwhile', () => zombieWritesNothing(hand));

  test('cannot put off, or take back, what another has taken over', () => zombiePutsNothingOff(hand));

  test('that wakes up during the compensation takes nothing of it back', async () => {
    const { id, saga } = await hand.placed('tok_declined');
    const authorising = await hand.next(saga);
    await hand.expire(id);
    await hand.toTheEnd(await hand.claim(id));
    await expect(advanceSaga(hand.database, hand.context, authorising)).rejects.toBeInstanceOf(Superseded);
    expect((await readOrder(shop.pool, id)).state).toBe('cancelled');
    expect(await shop.broken()).toEqual([]);
  });

  test('is not waited for: a lease is over by the clock of the database, and claimed by one of many', async () => {
    const { id } = await hand.placed();
    await shop.pool.query(`update sagas set lease_until = clock_timestamp() + interval '1 hour' where id = $1`, [id]);
    expect(await claimSagas(shop.pool, 20)).toEqual([]);
    await hand.expire(id);
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimSagas(shop.pool, 20)));
    expect(claims.flat()).toHaveLength(1);
    await hand.toTheEnd(claims.flat()[0]!);
  });
});

test('C9: a process that is stopped past its leases, with what it heard from the provider in its hands, can write none of it when it goes on', async () => {
  const { broken, figures } = await runZombies({ rounds: 1, orders: 6 });
  expect(broken).toEqual([]);
  expect(figures['late writes that the fence refused']).toBeGreaterThan(0);
}, 300_000);

test('MED-3: a worker that dies before the commit of any step has told nobody anything, and the next one does it all', () =>
  dyingWorkerTellsNobody(hand));

test('MED-3: a checkout whose commit the database refuses has told nobody anything', () =>
  refusedCommitTellsNobody(hand));

test('a cancellation during a call that fails is gone on with at once: what kept the call does not put off the way back', async () => {
  const { id, saga } = await hand.placed();
  const authorising = await hand.next(saga);
  const failing: Payments = {
    ...hand.payments,
    callAuthorise: async () => {
      await hand.database.transaction((client) => cancelOrder(client, id, 'test'));
      throw new Error('silence');
    },
  };
  const step = advanceSaga(hand.database, { ...hand.context, payments: failing }, { ...authorising, attempts: 1 });
  const error: unknown = await step.catch((thrown: unknown) => thrown);
  await recoverSaga(hand.database, { ...authorising, attempts: 9, stepAge: 1_000 }, error);
  const turned = await hand.claim(id);
  expect(turned).toMatchObject({ step: 'undo-payment', direction: 'back', state: 'running', attempts: 1 });
  await hand.toTheEnd(turned);
  expect((await readOrder(shop.pool, id)).state).toBe('cancelled');
  expect(await shop.broken()).toEqual([]);
});

describe('a provider that is silent', () => {
  test('is asked again with the same key: the charge whose answer was lost is found, not repeated', () =>
    lostAnswerIsFound(hand));

  test('for longer than a quarter of an hour makes the saga one for a person, and it goes on by itself all the same', async () => {
    const { id, saga } = await hand.placed();
    const authorising = await hand.next(saga);
    await recoverSaga(hand.database, { ...authorising, stepAge: 901 }, new Error('silence'));
    expect((await shop.admin('GET', '/sagas')).body.data).toMatchObject([
      { id, state: 'manual', step: 'authorise', error: 'Error: silence' },
    ]);
    await hand.toTheEnd(await hand.claimNow(id));
    expect((await shop.admin('GET', '/sagas')).body.data).toEqual([]);
    expect((await readOrder(shop.pool, id)).state).toBe('confirmed');
  });
});

test('a hold that is lost takes the order back: the money is released, and nobody is told that it is confirmed', async () => {
  const { id, saga } = await hand.placed();
  await shop.pool.query(
    `update reservations set expires_at = clock_timestamp() - interval '1 second' where reference = $1`,
    [id],
  );
  await hand.toTheEnd(saga);
  const order = await readOrder(shop.pool, id);
  expect([order.state, order.reason]).toEqual(['cancelled', 'reservation-lost']);
  const { rows } = await shop.pool.query(`select type from outbox_events where aggregate = 'order:' || $1`, [id]);
  expect(rows.map(({ type }: { type: string }) => type)).not.toContain('easy11.order.confirmed.v1');
  expect(await shop.broken()).toEqual([]);
});

test('where payments are off nothing can be bought, and what was bought can still be read', async () => {
  const { id } = await hand.placed();
  const refused = await shop.checkout(shop.request(await shop.quote([await shop.product(1)])));
  expect([refused.status, refused.body.code]).toEqual([503, 'payments-unavailable']);
  expect((await shop.admin('GET', `/orders/${id}`)).body.state).toBe('pending');
});
