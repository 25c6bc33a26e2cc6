import fc from 'fast-check';
import type pg from 'pg';
import { newProductSchema } from '../../../src/contexts/catalogue/schemas';
import { createProduct } from '../../../src/contexts/catalogue/products';
import { DEFAULT_RULES, scoreByRules } from '../../../src/contexts/fraud';
import { readAvailability } from '../../../src/contexts/inventory';
import { adjustStock } from '../../../src/contexts/inventory/stock';
import { createWarehouse } from '../../../src/contexts/inventory/warehouses';
import { placeOrder } from '../../../src/contexts/orders/checkout';
import { cancelOrder, dispatchOrder, requestRefund } from '../../../src/contexts/orders/orders';
import { advanceSaga, Superseded } from '../../../src/contexts/orders/saga/advance';
import type { StepContext } from '../../../src/contexts/orders/saga/steps';
import { checkoutSchema } from '../../../src/contexts/orders/schemas';
import { lockSaga, type Saga } from '../../../src/contexts/orders/store/sagas';
import { createPayments } from '../../../src/contexts/payments';
import { createQuote } from '../../../src/contexts/pricing';
import { Problem } from '../../../src/kernel/errors';
import { together, type Database } from '../../../src/platform/database';
import { createTestDatabase } from '../../support/database';
import { brokenTrade } from '../../support/invariants';
import { Model, type Token } from './model';
import { openNearProvider, type NearProvider } from './provider';
import { checkoutRequest } from './shop';

const PRICE = 1_000;
const UNITS = 5;

type Command =
  | { readonly do: 'checkout'; readonly quantity: number; readonly token: Token }
  | { readonly do: 'cancel' | 'dispatch'; readonly order: number }
  | { readonly do: 'refund'; readonly order: number; readonly amount: number }
  /**
   * `end`: the worker does the step, or that and what follows from it in the same transaction; or dies when it has called the
   * provider; or comes back when another has taken over.
   */
  | { readonly do: 'work'; readonly order: number; readonly end: 'well' | 'through' | 'dies' | 'late' };

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
      end: fc.constantFrom('well', 'well', 'through', 'through', 'dies', 'late'),
    }),
  },
);

/** The real thing: use cases and database, and the provider's own operations. Who works on which saga, and when, is decided here. */
interface Stage {
  readonly database: Database;
  readonly context: StepContext;
  readonly provider: NearProvider;
  readonly warehouseId: string;
  products: number;
}

/** One history's product, and the orders for it. Other histories run beside it, and have others. */
class Real {
  readonly ids: string[] = [];

  private constructor(
    private readonly stage: Stage,
    readonly sku: string,
  ) {}

  static async open(stage: Stage): Promise<Real> {
    const { database, warehouseId } = stage;
    const sku = `SKU-${++stage.products}`;
    const product = { sku, name: sku, price: { amount: PRICE, currency: 'GBP' }, status: 'active' };
    await createProduct({ database, currency: 'GBP' }, newProductSchema.parse(product));
    const receipt = { warehouseId, kind: 'receipt' as const, note: '', lines: [{ sku, quantity: UNITS }] };
    await database.transaction((client) => adjustStock(client, receipt, 'model'));
    return new Real(stage, sku);
  }

  async outcome(work: (client: pg.PoolClient) => Promise<unknown>): Promise<string> {
    try {
      await this.stage.database.transaction(work);
      return 'ok';
    } catch (error) {
      if (error instanceof Problem) return error.code;
      throw error;
    }
  }

  async checkout(quantity: number, token: Token): Promise<string> {
    let id = '';
    const outcome = await this.outcome(async (client) => {
      const request = { destination: { country: 'GB' }, lines: [{ sku: this.sku, quantity }] };
      const quote = await createQuote(client, request, null);
      const input = checkoutSchema.parse(checkoutRequest(quote.id, { token }));
      const placed = await placeOrder(client, this.stage.context.payments, input, 'model');
      id = placed.order.id;
    });
    // When it is committed: a conflict would have run the work again.
    if (outcome === 'ok') this.ids.push(id);
    return outcome;
  }

  refund(id: string, amount: number): Promise<string> {
    const refund = { amount: { amount, currency: 'GBP' }, reason: 'model' };
    return this.outcome((client) => requestRefund(client, this.stage.context.payments, id, refund, 'model'));
  }

  /** Takes the lease on the saga that is to be worked on, as if it were due: the order's, else its oldest refund's. */
  private claim(id: string): Promise<Saga | undefined> {
    return this.stage.database.transaction(async (client) => {
      const { rows } = await client.query<{ id: string }>({
        name: 'model-claim',
        text: `update sagas set fence = fence + 1, attempts = attempts + 1, lease_until = clock_timestamp() + interval '5 seconds'
               where id = (select id from sagas where order_id = $1 and state <> 'done'
                 order by id <> order_id, id limit 1) returning id`,
        values: [id],
      });
      return rows[0] && lockSaga(client, rows[0].id);
    });
  }

  async work(id: string, end: 'well' | 'through' | 'dies' | 'late'): Promise<boolean> {
    const { database, context } = this.stage;
    const saga = await this.claim(id);
    if (!saga) return false;
    if (end === 'dies') {
      const dying = { transaction: () => Promise.reject(new Error('killed')) };
      await expect(advanceSaga(dying, context, saga)).rejects.toThrow('killed');
    } else if (end === 'late') {
      await this.claim(id);
      await expect(advanceSaga(database, context, saga)).rejects.toBeInstanceOf(Superseded);
    } else await advanceSaga(database, context, saga, { through: end === 'through' });
    return true;
  }

  async compare(model: Model): Promise<void> {
    const { pool } = this.stage.database;
    const states = { name: 'model-states', text: 'select state from orders where id = any($1) order by id' };
    const [{ rows }, available] = await together([
      pool.query<{ state: string }>({ ...states, values: [this.ids] }),
      readAvailability(pool, [this.sku]),
    ]);
    expect(rows.map(({ state }) => state)).toEqual(model.orders.map(({ state }) => state));
    expect(available.get(this.sku)).toBe(model.available);
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
    if (one.end === 'well' || one.end === 'through') expect(worked).toBe(model.work(index, one.end === 'through'));
  } else if (one.do === 'refund') expect(await real.refund(id, one.amount)).toBe(model.refund(index, one.amount));
  else {
    const act = one.do === 'cancel' ? cancelOrder : dispatchOrder;
    expect(await real.outcome((client) => act(client, id, 'model'))).toBe(model[one.do](index));
  }
}

async function play(stage: Stage, commands: readonly Command[]): Promise<void> {
  const model = new Model(UNITS, PRICE);
  const real = await Real.open(stage);
  for (const one of commands) {
    await run(one, model, real);
    await real.compare(model);
  }
  // In the end everything comes to rest, and the provider has exactly what the model says.
  for (const [index, id] of real.ids.entries())
    while (await real.work(id, 'well')) expect(model.work(index, false)).toBe(true);
  await real.compare(model);
  const books = stage.provider.books();
  const nets = real.ids.map((id) =>
    books.filter(({ reference }) => reference === id).reduce((sum, paid) => sum + paid.captured - paid.refunded, 0),
  );
  expect(nets).toEqual(real.ids.map((_, index) => model.net(index)));
}

/** Histories beside each other: the database works on one while another is thought about. */
const LANES = 4;
/** After so many the database is another: the checks at the end look at all that is in it. */
const CHUNK = 400;

/**
 * Plays so many random histories against the model, and then holds everything that must be true against the database and the
 * provider's books. The same seed plays the same histories; a failure names its own.
 */
export async function playHistories(count: number, seed: number): Promise<void> {
  for (let played = 0; played < count; played += CHUNK) {
    const { database, drop } = await createTestDatabase();
    try {
      const provider = openNearProvider();
      const payments = createPayments({ gateway: provider.gateway });
      const warehouse = await createWarehouse(database, { code: 'MAIN', name: 'Main', priority: 100, active: true });
      const context: StepContext = { payments, scorer: scoreByRules(DEFAULT_RULES), pool: database.pool };
      const stage: Stage = { database, context, provider, warehouseId: warehouse.id, products: 0 };
      const property = fc.asyncProperty(fc.array(command, { minLength: 4, maxLength: 40 }), (commands) =>
        play(stage, commands),
      );
      const left = Math.min(CHUNK, count - played);
      const lanes = Array.from({ length: LANES }, (_, lane) =>
        fc.assert(property, {
          numRuns: Math.ceil((left - lane) / LANES),
          // A lane of a chunk has a seed of its own.
          seed: seed * 1_000_003 + played + lane,
        }),
      );
      const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected');
      if (failed) throw failed.reason;
      // These orders came past the door: they have no Idempotency-Key.
      const broken = await brokenTrade(database.pool, provider.books());
      expect(broken.filter((one) => !one.startsWith('I8'))).toEqual([]);
    } finally {
      await drop();
    }
  }
}
