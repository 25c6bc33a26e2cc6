import { eventually } from '../../support/app';
import { newAttempt, openPaymentShop, type PaymentShop } from './shop';

let shop: PaymentShop;
beforeAll(async () => {
  shop = await openPaymentShop({ background: true });
});
afterAll(() => shop.close());

const sql = (text: string, values: unknown[] = []) => shop.database.pool.query(text, values);
const refund = async (orderId: string, amount: number) => {
  const { payments, database } = shop;
  const asked = await database.transaction((client) =>
    payments.requestRefund(client, { orderId, amount: { amount, currency: 'GBP' }, reason: 'returned' }),
  );
  const result = await payments.callRefund(await shop.read(asked.paymentId), asked);
  return database.transaction((client) => payments.recordRefund(client, asked.id, result));
};

describe('the ledger', () => {
  test('is shown to the back office, the newest first, and what its accounts hold', async () => {
    const payment = await shop.captured();
    const { id } = await refund(payment.orderId, 499);
    const { body } = await shop.admin('GET', `/ledger?payment=${payment.id}`);
    const entries = (amount: number) => [
      { account: 'provider_clearing', amount: { amount, currency: 'GBP' } },
      { account: 'customer_payments', amount: { amount: -amount, currency: 'GBP' } },
    ];
    expect(body.data).toMatchObject([
      { kind: 'refund', reference: id, entries: entries(-499) },
      { kind: 'capture', paymentId: payment.id, entries: entries(1999) },
    ]);
    const balances = await shop.admin('GET', '/ledger/balances');
    expect(balances.body.data).toEqual([
      { account: 'customer_payments', balance: { amount: -1500, currency: 'GBP' } },
      { account: 'provider_clearing', balance: { amount: 1500, currency: 'GBP' } },
    ]);
    const first = await shop.admin('GET', '/ledger?limit=1');
    expect(first.body.page.hasMore).toBe(true);
    const second = await shop.admin('GET', `/ledger?limit=1&after=${first.body.page.next}`);
    expect(second.body.data[0].kind).toBe('capture');
    expect((await shop.admin('GET', '/ledger?after=nonsense')).status).toBe(422);
  });

  test.each([
    ['changing an entry', 'update ledger_entries set amount = amount * 2', 'append-only'],
    ['deleting an entry', 'delete from ledger_entries', 'append-only'],
    ['deleting a transaction', 'delete from ledger_transactions', 'append-only'],
    ['changing a transaction', `update ledger_transactions set kind = 'refund'`, 'append-only'],
    ['emptying it', 'truncate ledger_entries', 'append-only'],
    [
      'a transaction that does not balance',
      `with t as (insert into ledger_transactions (kind, payment_id, reference) select 'refund', id, 'x' from payments limit 1 returning id)
       insert into ledger_entries select id, account, 'GBP', amount from t, (values ('provider_clearing', 5), ('customer_payments', -4)) as e(account, amount)`,
      'does not balance',
    ],
    [
      'a transaction that balances only across currencies',
      `with t as (insert into ledger_transactions (kind, payment_id, reference) select 'refund', id, 'x' from payments limit 1 returning id)
       insert into ledger_entries select id, account, currency, amount from t,
         (values ('provider_clearing', 'GBP', 5), ('customer_payments', 'EUR', -5)) as e(account, currency, amount)`,
      'does not balance',
    ],
    [
      'a transaction without entries',
      `insert into ledger_transactions (kind, payment_id, reference) select 'refund', id, 'x' from payments limit 1`,
      'has no entries',
    ],
    [
      'one more entry in an old transaction',
      `insert into ledger_entries select id, 'provider_clearing', 'EUR', 1 from ledger_transactions limit 1`,
      'does not balance',
    ],
    ['refunding more than was captured', 'update payments set refunded = captured + 1', 'payments_never_overrefunded'],
    [
      'capturing more than was authorised',
      'update payments set captured = authorised + 1',
      'payments_never_overcharged',
    ],
  ])('refuses %s', async (_what, statement, message) => {
    const before = await sql('select count(*), sum(amount) from ledger_entries');
    await expect(sql(statement)).rejects.toThrow(message);
    expect((await sql('select count(*), sum(amount) from ledger_entries')).rows).toEqual(before.rows);
  });
});

test('the back office sees an order’s payments with their refunds, and not the token', async () => {
  const { orderId } = await shop.authorised({ token: 'tok_declined' });
  const paid = await shop.captured({ ...newAttempt(), orderId, attempt: 2 });
  await refund(orderId, 100);
  const { body } = await shop.admin('GET', `/payments?order=${orderId}`);
  expect(body.data).toMatchObject([
    { attempt: 1, status: 'declined', declineCode: 'card_declined', refunds: [] },
    { attempt: 2, status: 'captured', id: paid.id, refunded: { amount: 100 }, refunds: [{ status: 'succeeded' }] },
  ]);
  expect(JSON.stringify(body)).not.toContain('tok_');
  expect((await fetch(`${shop.url}/v1/admin/payments?order=${orderId}`)).status).toBe(401);
});

describe('the reconciliation', () => {
  async function compared(): Promise<{
    state: string;
    compared: number;
    found: number;
    differences: Record<string, unknown>[];
  }> {
    const asked = await shop.admin('POST', '/reconciliation');
    expect([asked.status, asked.body.state]).toEqual([202, 'waiting']);
    let last = asked;
    await eventually(60_000, async () => {
      last = await shop.admin('GET', `/reconciliation/${asked.body.id}`);
      return ['finished', 'failed'].includes(last.body.state);
    });
    return last.body;
  }

  test('finds nothing where all is well, and was made once by itself at the start', async () => {
    const result = await compared();
    expect(result).toMatchObject({ state: 'finished', differences: [] });
    expect(result.compared).toBeGreaterThan(0);
    const { body } = await shop.admin('GET', '/reconciliation');
    expect(body.data).toHaveLength(2);
  });

  test('names each difference that is planted, on either side', async () => {
    await shop.sandbox.control({ webhookUrl: null });
    const { gateway } = shop.sandbox;
    const signal = AbortSignal.timeout(60_000);
    const money = { amount: 700, currency: 'GBP' };
    // Taken at the provider, and we know nothing of it.
    const stranger = {
      key: 'ord_nowhere:authorise:1',
      amount: money,
      method: 'card',
      token: 'tok_success',
      orderId: 'x',
      returnUrl: null,
      openedAt: new Date(),
    } as const;
    const foreign = await gateway.authorise(stranger, signal);
    await gateway.capture({ key: 'c', providerId: foreign.providerId, amount: money }, signal);
    // Captured there, authorised here: the answer was lost, and so was the webhook.
    const unheard = await shop.authorised();
    await shop.payments.callCapture(unheard);
    // Refunded there by hand.
    const generous = await shop.captured();
    await gateway.refund(
      { key: 'r', providerId: generous.providerId!, refundId: 'by-hand', amount: { amount: 1, currency: 'GBP' } },
      signal,
    );
    // In our books alone.
    const ghost = await shop.captured();
    await sql(`update payments set provider_id = 'sbx_ghost' where id = $1`, [ghost.id]);
    // A ledger that somebody added to, in balance.
    const padded = await shop.captured();
    await sql(
      `with t as (insert into ledger_transactions (kind, payment_id, reference) values ('capture', $1, 'padding') returning id)
       insert into ledger_entries select id, account, 'GBP', amount from t, (values ('provider_clearing', 5), ('customer_payments', -5)) as e(account, amount)`,
      [padded.id],
    );
    const { differences } = await compared();
    const found = differences.map(({ kind, paymentId, ours, theirs }) => [kind, paymentId, ours, theirs]);
    expect(new Set(found)).toEqual(
      new Set([
        ['missing-here', null, null, 'captured, 7.00 GBP'],
        ['captured-differs', unheard.id, '0.00 GBP', '19.99 GBP'],
        ['status-differs', unheard.id, 'authorised', 'captured'],
        ['refunded-differs', generous.id, '0.00 GBP', '0.01 GBP'],
        ['second-charge', ghost.id, 'captured, 19.99 GBP as sbx_ghost', 'captured, 19.99 GBP'],
        ['missing-there', ghost.id, 'captured, 19.99 GBP', null],
        ['captured-differs', padded.id, '20.04 GBP', '19.99 GBP'],
      ]),
    );
  });

  test('counts all differences and lists the first thousand: with the wrong account everything differs', async () => {
    await sql(`insert into payments (id, order_id, attempt, method, status, provider, provider_id, token, country, currency,
        amount, authorised, created_at, updated_at)
      select 'pay_wrong_' || n, 'ord_wrong_' || n, 1, 'card', 'authorised', 'sandbox', 'sbx_wrong_' || n, '', 'GB', 'GBP',
        1, 1, now() - interval '1 day', now() - interval '1 day' from generate_series(1, 1100) as n`);
    const { found, differences } = await compared();
    expect(found).toBeGreaterThanOrEqual(1100);
    expect(differences).toHaveLength(1000);
    await sql(`delete from payments where id like 'pay_wrong_%'`);
    const { found: left, differences: listed } = await compared();
    expect(left).toBe(listed.length);
  });

  test('asks for what is pending by itself, when the webhook was lost', async () => {
    const payment = await shop.authorised({ token: 'tok_pending_success' });
    expect(payment.status).toBe('pending');
    // The loop asks every fifteen seconds for what was silent for a second.
    await eventually(90_000, async () => (await shop.read(payment.id)).status === 'authorised');
  });

  test('that cannot read the provider’s books says so', async () => {
    await shop.sandbox.control({ downMs: 600_000 });
    expect(await compared()).toMatchObject({ state: 'failed', error: expect.stringContaining('did not answer') });
    await shop.sandbox.control({ downMs: 0 });
  });
});
