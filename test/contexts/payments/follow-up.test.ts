import { pino } from 'pino';
import { followSilent } from '../../../src/contexts/payments/background';
import { compare } from '../../../src/contexts/payments/reconciliation';
import { openPaymentShop, type PaymentShop } from './shop';

let shop: PaymentShop;
beforeAll(async () => {
  shop = await openPaymentShop();
  // Webhooks are lost, and nothing ends by itself: only who asks learns something.
  await shop.sandbox.control({ webhookUrl: null, faults: { pendingMs: 3_600_000 } });
});
afterAll(() => shop.close());
beforeEach(async () => {
  await sql('delete from payments where id not in (select payment_id from ledger_transactions)');
});

const sql = (text: string, values: unknown[] = []) => shop.database.pool.query(text, values);
const pending = () => shop.authorised({ token: 'tok_pending_success' });

/** Asks for all that is pending, and tells what was logged. */
async function follow(): Promise<{ logged: Record<string, unknown>[]; error: unknown }> {
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line) as never) });
  const { database, payments, sandbox } = shop;
  const signal = AbortSignal.timeout(60_000);
  const error: unknown = await followSilent(
    { database, payments, log, gateway: sandbox.gateway, silentMs: 0 },
    signal,
  ).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { logged, error };
}

describe('following up what is pending', () => {
  test('asks for the others too when one of them contradicts our books, and logs which', async () => {
    const [wrong, right] = [await pending(), await pending()];
    await sql('update payments set amount = amount + 1 where id = $1', [wrong.id]);
    // Both are released at the provider, and nobody was told.
    for (const payment of [wrong, right]) await shop.payments.callVoid(payment);
    const { logged, error } = await follow();
    expect(error).toBeUndefined();
    expect((await shop.read(right.id)).status).toBe('voided');
    expect((await shop.read(wrong.id)).status).toBe('pending');
    expect(logged).toMatchObject([{ level: 50, payment: wrong.id, err: { type: 'PaymentMismatch' } }]);
  });

  test('does not make what stays pending younger: it is reconciled all the same', async () => {
    const payment = await pending();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    for (let round = 0; round < 2; round++) expect((await follow()).error).toBeUndefined();
    expect(await shop.read(payment.id)).toEqual(payment);
    await sql('update payments set amount = amount + 1 where id = $1', [payment.id]);
    const { database, sandbox } = shop;
    const { differences } = await compare(
      { database, gateway: sandbox.gateway },
      { graceMs: 1_000 },
      AbortSignal.timeout(60_000),
    );
    expect(differences.filter(({ paymentId }) => paymentId === payment.id)).toMatchObject([{ kind: 'amount-differs' }]);
  });

  test('stops when the provider cannot be reached, and begins with another one the next time', async () => {
    const [first, second] = [await pending(), await pending()];
    for (const payment of [first, second]) await shop.payments.callVoid(payment);
    await shop.sandbox.control({ downMs: 600_000 });
    for (const payment of [first, second]) {
      const { logged, error } = await follow();
      expect(error).toMatchObject({ name: 'GatewayUnavailable', reason: 'connection' });
      expect(logged).toMatchObject([{ level: 40, payment: payment.id }]);
    }
    await shop.sandbox.control({ downMs: 0 });
    expect((await follow()).error).toBeUndefined();
    expect((await shop.read(first.id)).status).toBe('voided');
    expect((await shop.read(second.id)).status).toBe('voided');
  });
});
