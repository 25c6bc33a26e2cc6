import { GatewayUnavailable, type PaymentView } from '../../../src/contexts/payments';
import { newId } from '../../../src/kernel/ids';
import { eventually } from '../../support/app';
import { InjectedClock } from '../../support/injected-clock';
import { brokenInvariants, newAttempt, openPaymentShop, type PaymentShop } from './shop';

const OPEN_MS = 30_000;

describe('a provider at which everything goes wrong', () => {
  const clock = new InjectedClock();
  let shop: PaymentShop;
  beforeAll(async () => {
    // Short enough not to wait for long where an answer never comes, and long enough for a machine that is busy.
    shop = await openPaymentShop({ timeoutMs: 1_000, clock });
  });
  afterAll(() => shop.close());

  /** What a saga does: the same call again until its end is known. Counts how it went. */
  async function insist<T>(call: () => Promise<T>, unknown: Map<string, number>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof GatewayUnavailable) || attempt === 200) throw error;
        unknown.set(error.reason, (unknown.get(error.reason) ?? 0) + 1);
        // Five in a row happen by chance: nobody here wants to wait for half a minute.
        if (error.reason === 'breaker-open') clock.advance(OPEN_MS);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }

  async function live(index: number, unknown: Map<string, number>): Promise<void> {
    const { payments, database } = shop;
    // Faults are drawn from the key, which is the order's: the same at every run.
    const orderId = `ord_00000000-0000-7000-8000-${String(index).padStart(12, '0')}`;
    const attempt = { ...newAttempt(), orderId, amount: { amount: 1_000 + index, currency: 'GBP' } };
    const record = (
      write: (client: Parameters<Parameters<typeof database.transaction>[0]>[0]) => Promise<PaymentView>,
    ) => database.transaction(write);
    const opened = await shop.open(attempt);
    const authorisation = await insist(() => payments.callAuthorise(opened), unknown);
    const authorised = await record((client) => payments.recordAuthorisation(client, opened.id, authorisation));
    if (authorised.status === 'declined') return;
    if (index % 4 === 0) {
      const released = await insist(() => payments.callVoid(authorised), unknown);
      await record((client) => payments.recordVoid(client, opened.id, released));
      return;
    }
    const capture = await insist(() => payments.callCapture(authorised), unknown);
    const captured = await record((client) => payments.recordCapture(client, opened.id, capture));
    if (index % 2 === 0) return;
    const amount = { amount: 400 + index, currency: 'GBP' };
    const refund = await database.transaction((client) =>
      payments.requestRefund(client, { orderId: opened.orderId, amount, reason: 'returned' }),
    );
    const result = await insist(() => payments.callRefund(captured, refund), unknown);
    await database.transaction((client) => payments.recordRefund(client, refund.id, result));
  }

  test('charges nobody twice, and its books are ours: 120 payments with hangs, errors, declines and wild webhooks', async () => {
    const webhooks = { duplicate: 0.3, reorder: 0.3, lateMs: 800, lose: 0.05, forge: 0.2, stale: 0.2, truncate: 0.2 };
    await shop.sandbox.control({
      faults: {
        seed: 11,
        timeoutAfter: 0.08,
        errorBefore: 0.05,
        errorAfter: 0.04,
        decline: 0.05,
        hangMs: 5_000,
        webhooks,
      },
    });
    const unknown = new Map<string, number>();
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < 120) await live(next++, unknown);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    // The faults did happen.
    expect(unknown.get('timeout')).toBeGreaterThan(5);
    expect(unknown.get('server-error')).toBeGreaterThan(5);
    await eventually(60_000, async () => (await shop.sandbox.stats()).webhooks.pending === 0);

    expect(await brokenInvariants(shop.database.pool, shop.sandbox)).toEqual([]);
    const books = await shop.sandbox.books();
    expect(books).toHaveLength(120);
    expect(books.filter(({ status }) => status === 'declined').length).toBeGreaterThan(0);
    const { rows } = await shop.database.pool.query<{ provider_id: string; status: string }>(
      'select provider_id, status from payments',
    );
    const ours = new Map(rows.map((row) => [row.provider_id, row.status]));
    expect(books.filter(({ id, status }) => ours.get(id) !== status)).toEqual([]);

    const { webhooks: sent } = await shop.sandbox.stats();
    expect(sent).toMatchObject({ badTaken: 0 });
    expect(sent.badRefused).toBeGreaterThan(30);
    // Duplicates were delivered, and are in the inbox once.
    const inbox = await shop.database.pool.query<{ count: number; bad: number }>(
      `select count(*)::int as count, count(*) filter (where outcome not in ('recorded', 'unchanged'))::int as bad
       from payment_webhooks`,
    );
    expect(inbox.rows[0]!.count).toBeLessThan(sent.taken);
    expect(inbox.rows[0]!.bad).toBe(0);
  });
});

describe('a provider that is down', () => {
  const clock = new InjectedClock();
  let shop: PaymentShop;
  beforeAll(async () => {
    shop = await openPaymentShop({ clock });
  });
  afterAll(() => shop.close());
  const made = async (): Promise<number> => (await shop.sandbox.stats()).requests['POST /v1/payments'] ?? 0;

  test('is asked five times, then left alone for half a minute, then asked once; callers are told at once', async () => {
    const payments: PaymentView[] = [];
    for (let i = 0; i < 30; i++) payments.push(await shop.open({ orderId: newId('ord') }));
    const attempts = (list: readonly PaymentView[]): Promise<string[]> =>
      Promise.all(
        list.map((payment) =>
          shop.payments.callAuthorise(payment).then(
            () => 'done',
            (error: GatewayUnavailable) => error.reason,
          ),
        ),
      );
    await shop.sandbox.control({ downMs: 600_000 });
    for (let i = 0; i < 5; i++) expect(await attempts(payments.slice(i, i + 1))).toEqual(['connection']);
    expect([shop.payments.status().breaker, await made()]).toEqual(['open', 5]);

    // At once: before anything from outside can have been heard.
    let told: string[] | undefined;
    void attempts(payments).then((ends) => (told = ends));
    await new Promise((resolve) => setImmediate(resolve));
    expect(new Set(told)).toEqual(new Set(['breaker-open']));
    clock.advance(OPEN_MS - 1);
    await attempts(payments);
    expect(await made()).toBe(5);

    clock.advance(1);
    const probed = await attempts(payments);
    expect([await made(), probed.filter((end) => end === 'connection').length]).toEqual([6, 1]);

    await shop.sandbox.control({ downMs: 0 });
    expect(new Set(await attempts(payments))).toEqual(new Set(['breaker-open']));
    clock.advance(OPEN_MS);
    expect(await attempts(payments.slice(0, 1))).toEqual(['done']);
    expect(shop.payments.status()).toMatchObject({ breaker: 'closed', opened: 2, running: 0, waiting: 0 });
    expect(new Set(await attempts(payments))).toEqual(new Set(['done']));
    // What failed was repeated with its key: one payment each.
    expect(await shop.sandbox.books()).toHaveLength(30);
  });

  test('that hangs holds 32 calls at most, and lets 64 wait', async () => {
    await shop.sandbox.control({ faults: { timeoutAfter: 1, hangMs: 60_000 } });
    const opened: PaymentView[] = [];
    for (let i = 0; i < 100; i++) opened.push(await shop.open());
    const controller = new AbortController();
    const calls = opened.map((payment) =>
      shop.payments.callAuthorise(payment, controller.signal).catch((error: GatewayUnavailable) => error.reason),
    );
    expect(shop.payments.status()).toMatchObject({ running: 32, waiting: 64 });
    controller.abort(new Error('enough'));
    const ends = await Promise.all(calls);
    expect(ends.filter((end) => end === 'busy')).toHaveLength(4);
    expect(ends.filter((end) => end === 'given-up')).toHaveLength(96);
    // What we gave up ourselves is not held against the provider.
    expect(shop.payments.status()).toMatchObject({ breaker: 'closed', running: 0, waiting: 0 });
  });

  test('while it is tried again refuses at once, although every place is taken by calls that hang', async () => {
    const controller = new AbortController();
    const opened: PaymentView[] = [];
    for (let i = 0; i < 38; i++) opened.push(await shop.open());
    const call = (payment: PaymentView): Promise<string> =>
      shop.payments.callAuthorise(payment, controller.signal).then(
        () => 'done',
        (error: GatewayUnavailable) => error.reason,
      );
    const running = (count: number) => eventually(60_000, async () => shop.payments.status().running === count);
    // Five hang up after a while, the others never; four of those wait for the places of the five.
    const before = await made();
    await shop.sandbox.control({ faults: { timeoutAfter: 1, hangMs: 5_000 } });
    const short = opened.slice(0, 5).map(call);
    await eventually(60_000, async () => (await made()) === before + 5);
    await shop.sandbox.control({ faults: { timeoutAfter: 1, hangMs: 600_000 } });
    const long = opened.slice(5, 36).map(call);
    expect(await Promise.all(short)).toEqual(Array.from({ length: 5 }, () => 'connection'));
    await running(31);
    expect(shop.payments.status()).toMatchObject({ breaker: 'open', waiting: 0 });
    clock.advance(OPEN_MS);
    const probe = call(opened[36]!);
    await running(32);
    expect(await call(opened[37]!)).toBe('breaker-open');
    controller.abort(new Error('enough'));
    expect(new Set(await Promise.all([...long, probe]))).toEqual(new Set(['given-up']));
  });
});
