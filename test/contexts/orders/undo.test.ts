import { cancelOrder, hearPayment } from '../../../src/contexts/orders/orders';
import { openByHand, type ByHand, type Elsewhere } from './by-hand';
import type { Shop } from './shop';

/** What the saga does about money whose fate is not known yet, step by step. */
let hand: ByHand;
let shop: Shop;
beforeAll(async () => {
  hand = await openByHand();
  shop = hand.shop;
  const rates = { base: 'GBP', source: 'test', takenOn: '2026-01-01', rates: { BRL: '7.5' } };
  await shop.admin('POST', '/fx-snapshots', rates);
});
afterAll(() => shop.close());
afterEach(() => shop.sandbox.control({ faults: {} }));

const cancel = (id: string): Promise<unknown> => hand.database.transaction((client) => cancelOrder(client, id, 'test'));
const booked = async (id: string): Promise<string[]> =>
  (await shop.sandbox.books()).filter(({ reference }) => reference === id).map(({ status }) => status);
const facts = async (id: string): Promise<Record<string, unknown>> => {
  const { rows } = await shop.pool.query(
    `select s.step, s.state, s.direction, s.attempts, s.error, s.waiting_for as "waitingFor", s.lease_until as lease,
       extract(epoch from s.next_at - clock_timestamp())::float8 as pause, o.state as "order", o.reason
     from sagas as s join orders as o on o.id = s.order_id where s.id = $1`,
    [id],
  );
  return rows[0];
};

/** An order that is paid at once, and confirmed: only a refund gives the money back. */
async function paid(token: string): Promise<string> {
  await shop.sandbox.control({ faults: { pendingMs: 3_600_000 } });
  const address = { name: 'Ana', lines: ['Rua 1'], city: 'São Paulo', postcode: '01000', country: 'BR', state: 'SP' };
  const brazil: Elsewhere = {
    destination: { country: 'BR', state: 'SP' },
    request: { method: 'pix', shippingAddress: address },
  };
  const { id, saga } = await hand.placed(token, brazil);
  await hand.carryOn(saga);
  await shop.sandbox.control({ settle: true });
  expect(await booked(id)).toEqual(['captured']);
  await hand.carryOn(await hand.claimNow(id));
  expect(await facts(id)).toMatchObject({ state: 'done', order: 'confirmed' });
  return id;
}

describe('an authorisation whose answer was lost, and whose repetition the provider refuses', () => {
  /** The provider has it, we do not know; and with another token the key is another call's. */
  async function lost(): Promise<string> {
    const { id, saga } = await hand.placed();
    await shop.sandbox.control({ faults: { errorAfter: 1 } });
    expect(await hand.carryOn(await hand.next(saga))).toMatchObject({ name: 'GatewayUnavailable' });
    await shop.sandbox.control({ faults: {} });
    await shop.pool.query(`update payments set token = 'tok_of_another' where order_id = $1`, [id]);
    expect(await booked(id)).toEqual(['authorised']);
    return id;
  }

  test('is found, and its order confirmed', async () => {
    const id = await lost();
    expect(await hand.carryOn(await hand.claimNow(id))).toBeUndefined();
    expect(await facts(id)).toMatchObject({ state: 'done', order: 'confirmed' });
    expect(await booked(id)).toEqual(['authorised']);
    expect(await shop.broken()).toEqual([]);
  });

  test('is found when its order is cancelled, and released', async () => {
    const id = await lost();
    await cancel(id);
    expect(await hand.carryOn(await hand.claimNow(id))).toBeUndefined();
    expect(await facts(id)).toMatchObject({ state: 'done', order: 'cancelled' });
    expect(await booked(id)).toEqual(['voided']);
    expect(await shop.broken()).toEqual([]);
  });
});

test('an authorisation that the provider refuses, and does not have, takes its order back after a few times', async () => {
  const { id, saga } = await hand.placed('x'.repeat(201));
  expect(await hand.carryOn(saga)).toMatchObject({ name: 'GatewayRefused' });
  for (let attempt = 2; attempt <= 3; attempt++)
    expect(await hand.carryOn(await hand.claimNow(id))).toMatchObject({ name: 'GatewayRefused' });
  expect(await hand.carryOn(await hand.claim(id))).toBeUndefined();
  expect(await facts(id)).toMatchObject({ state: 'done', order: 'cancelled', reason: 'authorise-refused' });
  expect(await booked(id)).toEqual([]);
  expect(await shop.broken()).toEqual([]);
});

test('an authorisation is taken back for refusals in a row alone: what is not known between them begins the count anew', async () => {
  const { id, saga } = await hand.placed('x'.repeat(201));
  const unknown = { name: 'GatewayUnavailable' };
  const refused = { name: 'GatewayRefused' };
  let next = saga;
  for (const [faults, end] of [
    [{ errorBefore: 1 }, unknown],
    [{ errorBefore: 1 }, unknown],
    [{}, refused],
    [{}, refused],
    [{ errorBefore: 1 }, unknown],
    [{}, refused],
    [{}, refused],
  ] as const) {
    await shop.sandbox.control({ faults });
    expect(await hand.carryOn(next)).toMatchObject(end);
    expect(await facts(id)).toMatchObject({ step: 'authorise', order: 'pending' });
    next = await hand.claimNow(id);
  }
  expect(await hand.carryOn(next)).toMatchObject(refused);
  expect(await facts(id)).toMatchObject({ step: 'undo-payment', order: 'cancelling', reason: 'authorise-refused' });
  expect(await hand.carryOn(await hand.claim(id))).toBeUndefined();
  expect(await shop.broken()).toEqual([]);
});

describe('a cancellation whose refund takes the provider its time', () => {
  /** Cancelled, and the provider has said that the refund is on its way. */
  async function onItsWay(): Promise<string> {
    const id = await paid('tok_refund_pending');
    await cancel(id);
    expect(await hand.carryOn(await hand.claim(id))).toBeUndefined();
    const waiting = await facts(id);
    expect(waiting).toMatchObject({ state: 'running', waitingFor: 'payment', error: null, order: 'cancelling' });
    // Looking by itself is for the news that never come.
    expect(waiting.pause).toBeGreaterThan(200);
    return id;
  }
  const refunded = async (id: string): Promise<void> => {
    await shop.sandbox.control({ settle: true });
    expect((await shop.sandbox.books()).some(({ reference, refunded }) => reference === id && refunded > 0)).toBe(true);
  };

  test('waits until it is told of, and is cancelled then', async () => {
    const id = await onItsWay();
    await refunded(id);
    const [payment] = await hand.payments.findByOrder(shop.pool, id);
    const { rows } = await shop.pool.query<{ id: string }>('select id from refunds where payment_id = $1', [
      payment!.id,
    ]);
    const result = await hand.payments.callFindRefund(payment!, rows[0]!.id);
    await hand.database.transaction(async (client) => {
      await hand.payments.recordRefund(client, rows[0]!.id, result!);
      await hearPayment(client, hand.payments, id);
    });
    expect(await hand.carryOn(await hand.claim(id))).toBeUndefined();
    expect(await facts(id)).toMatchObject({ state: 'done', order: 'cancelled' });
    expect(await shop.broken()).toEqual([]);
  });

  test('asks after it by itself, where nobody tells', async () => {
    const id = await onItsWay();
    await refunded(id);
    expect(await hand.carryOn(await hand.claimNow(id))).toBeUndefined();
    expect(await facts(id)).toMatchObject({ state: 'done', order: 'cancelled' });
    expect(await shop.broken()).toEqual([]);
  });

  test('for longer than it may is tried again, and seen by a person', async () => {
    const id = await onItsWay();
    await shop.pool.query(
      `update sagas set wait_until = now() - interval '1 second', step_since = step_since - interval '14 days' where id = $1`,
      [id],
    );
    expect(await hand.carryOn(await hand.claimNow(id))).toBe('the provider has not said how the refund ended');
    expect(await facts(id)).toMatchObject({ state: 'manual', order: 'cancelling' });
    await refunded(id);
    expect(await hand.carryOn(await hand.claimNow(id))).toBeUndefined();
    expect(await facts(id)).toMatchObject({ state: 'done', order: 'cancelled' });
    expect(await shop.broken()).toEqual([]);
  });
});

// The last of them: its saga never comes to rest.
test('a refund that the provider refuses again and again is asked for after longer and longer pauses, and by a person in the end', async () => {
  const id = await paid('tok_refund_fails');
  await cancel(id);
  await hand.carryOn(await hand.claim(id));
  let before = '';
  for (let attempts = 2; attempts <= 7; attempts++) {
    before = (await shop.pool.query<{ now: string }>('select clock_timestamp()::text as now')).rows[0]?.now ?? '';
    await hand.carryOn(await hand.claimNow(id));
    expect(await facts(id)).toMatchObject({ step: 'undo-payment', attempts, order: 'cancelling' });
  }
  // Half of 200 ms, doubled six times, at the least: by the clock of the database, from before the attempt.
  const { rows } = await shop.pool.query<{ pause: number }>(
    'select extract(epoch from next_at - $2::timestamptz)::float8 as pause from sagas where id = $1',
    [id, before],
  );
  expect(rows[0]?.pause).toBeGreaterThan(6.3);
  await shop.pool.query(`update sagas set step_since = step_since - interval '1 hour' where id = $1`, [id]);
  await hand.carryOn(await hand.claimNow(id));
  expect((await facts(id)).state).toBe('manual');
  // Asking for yet another refund is no progress.
  expect(await hand.next(await hand.claimNow(id))).toMatchObject({
    step: 'undo-payment',
    state: 'manual',
    attempts: 9,
  });
});
