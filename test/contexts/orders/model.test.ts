import fc from 'fast-check';
import type pg from 'pg';
import { DEFAULT_RULES, scoreByRules } from '../../../src/contexts/fraud';
import { placeOrder } from '../../../src/contexts/orders/checkout';
import { cancelOrder, dispatchOrder, requestRefund } from '../../../src/contexts/orders/orders';
import { advanceSaga, Superseded } from '../../../src/contexts/orders/saga/advance';
import type { StepContext } from '../../../src/contexts/orders/saga/steps';
import { checkoutSchema } from '../../../src/contexts/orders/schemas';
import { claimSagas, type Saga } from '../../../src/contexts/orders/store/sagas';
import { readAvailability } from '../../../src/contexts/inventory';
import { createPayments } from '../../../src/contexts/payments';
import { createQuote } from '../../../src/contexts/pricing';
import { Problem } from '../../../src/kernel/errors';
import type { Database } from '../../../src/platform/database';
import { Model, type Token } from './model';
import { openShop, type Shop } from './shop';

const PRICE = 1_000;
const SECONDS = Number(process.env.EASY11_MODEL_SECONDS ?? 12);

/** The real thing: use cases, database and provider; only who works on which saga, and when, is decided here. */
let shop: Shop;
let context: StepContext;
let database: Database;
beforeAll(async () => {
  shop = await openShop({ EASY11_PAYMENTS: 'off' });
  context = {
    payments: createPayments({ gateway: shop.sandbox.gateway }),
    scorer: scoreByRules(DEFAULT_RULES),
    pool: shop.pool,
  };
  database = shop.app.app.database;
});
afterAll(() => shop.close());

type Command =
  | { readonly do: 'checkout'; readonly quantity: number; readonly token: Token }
  | { readonly do: 'cancel' | 'dispatch'; readonly order: number }
  | { readonly do: 'refund'; readonly order: number; readonly amount: number }
  /** `end`: the worker does the step; or dies when it has called the provider; or comes back when another has taken over. */
  | { readonly do: 'work'; readonly order: number; readonly end: 'well' | 'dies' | 'late' };

const order = fc.nat(5);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('checkout' as const),
      quantity: fc.integer({ min: 1, max: 3 }),
      token: fc.constantFrom('tok_success', 'tok_success', 'tok_declined', 'tok_refund_fails'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cancel', 'dispatch'), order }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('refund' as const), order, amount: fc.integer({ min: 1, max: 2_500 }) }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('work' as const),
      order,
      end: fc.constantFrom('well', 'well', 'well', 'well', 'dies', 'late'),
    }),
  },
);

const outcome = async (work: (client: pg.PoolClient) => Promise<unknown>): Promise<string> => {
  try {
    await database.transaction(work);
    return 'ok';
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
};

class Real {
  readonly ids: string[] = [];

  constructor(readonly sku: string) {}

  async checkout(quantity: number, token: Token): Promise<string> {
    return outcome(async (client) => {
      const request = { destination: { country: 'GB' }, lines: [{ sku: this.sku, quantity }] };
      const quote = await createQuote(client, request, null);
      const input = checkoutSchema.parse(shop.request(quote.id, { token }));
      const placed = await placeOrder(client, context.payments, input, 'model');
      this.ids.push(placed.order.id);
    });
  }

  /** The saga that is to be worked on, under a lease of its own: the order's, else its oldest refund's. */
  async claim(id: string): Promise<Saga | undefined> {
    // Those of other orders are put off: what earlier histories have left to be tried for ever would take all the places. A second ago,
    // because the column rounds to milliseconds, upwards too.
    await shop.pool.query(
      `update sagas set lease_until = null,
         next_at = case when order_id = $1 then clock_timestamp() - interval '1 second' else 'infinity'::timestamptz end
       where state <> 'done'`,
      [id],
    );
    const claimed = (await claimSagas(shop.pool, 50)).filter(({ orderId }) => orderId === id);
    return claimed.find((saga) => saga.id === id) ?? claimed.sort((a, b) => (a.id < b.id ? -1 : 1))[0];
  }

  async work(id: string, end: 'well' | 'dies' | 'late'): Promise<boolean> {
    const saga = await this.claim(id);
    if (!saga) return false;
    if (end === 'well') await advanceSaga(database, context, saga);
    else if (end === 'dies') {
      const dying = { transaction: () => Promise.reject(new Error('killed')) };
      await expect(advanceSaga(dying, context, saga)).rejects.toThrow('killed');
    } else {
      await this.claim(id);
      await expect(advanceSaga(database, context, saga)).rejects.toBeInstanceOf(Superseded);
    }
    return true;
  }
}

async function run(one: Command, model: Model, real: Real): Promise<void> {
  if (one.do === 'checkout') {
    const expected = model.checkout(one.quantity, one.token);
    expect(await real.checkout(one.quantity, one.token)).toBe(expected === 'placed' ? 'ok' : expected);
    return;
  }
  const index = one.order % Math.max(1, real.ids.length);
  const id = real.ids[index];
  if (id === undefined) return;
  if (one.do === 'work') {
    // Where the worker dies or comes too late, nothing has happened that anybody may see.
    const worked = await real.work(id, one.end);
    if (one.end === 'well') expect(worked).toBe(model.work(index));
  } else if (one.do === 'refund') {
    const amount = { amount: one.amount, currency: 'GBP' };
    const refund = { amount, reason: 'model' };
    const got = await outcome((client) => requestRefund(client, context.payments, id, refund, 'model'));
    expect(got).toBe(model.refund(index, one.amount));
  } else {
    const act = one.do === 'cancel' ? cancelOrder : dispatchOrder;
    expect(await outcome((client) => act(client, id, 'model'))).toBe(model[one.do](index));
  }
}

async function compare(model: Model, real: Real): Promise<void> {
  const { rows } = await shop.pool.query<{ state: string }>('select state from orders where id = any($1) order by id', [
    real.ids,
  ]);
  expect(rows.map(({ state }) => state)).toEqual(model.orders.map(({ state }) => state));
  expect((await readAvailability(shop.pool, [real.sku])).get(real.sku)).toBe(model.available);
}

test(`histories of checkouts, cancellations, dispatches and refunds, with workers that die and come late, go as in the model`, async () => {
  let histories = 0;
  let steps = 0;
  const end = performance.now() + SECONDS * 1_000;
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 4, maxLength: 40 }), async (commands) => {
      // A history that has begun is played to its end: an interrupted one would still be at work.
      if (performance.now() > end) return;
      const model = new Model(5, PRICE);
      const real = new Real(await shop.product(5, PRICE));
      for (const one of commands) {
        await run(one, model, real);
        await compare(model, real);
        steps++;
      }
      // In the end everything comes to rest, and the provider has exactly what the model says.
      for (let index = 0; index < real.ids.length; index++)
        while (await real.work(real.ids[index]!, 'well')) expect(model.work(index)).toBe(true);
      await compare(model, real);
      const books = await shop.sandbox.books();
      const nets = real.ids.map((id) =>
        books.filter(({ reference }) => reference === id).reduce((sum, one) => sum + one.captured - one.refunded, 0),
      );
      expect(nets).toEqual(real.ids.map((_, index) => model.net(index)));
      histories++;
    }),
    { numRuns: 20 * SECONDS },
  );
  console.info(`${histories} histories, ${steps} commands`);
  expect(histories).toBeGreaterThan(5);
  // These orders came past the door: they have no Idempotency-Key.
  expect((await shop.broken()).filter((one) => !one.startsWith('I8'))).toEqual([]);
}, 400_000);
