import type pg from 'pg';
import * as carts from '../../../src/contexts/cart/carts';
import type { CartView } from '../../../src/contexts/cart';
import { importMade } from '../../../src/contexts/catalogue/import';
import { DEFAULT_RULES, scoreByRules } from '../../../src/contexts/fraud';
import { adjustStock } from '../../../src/contexts/inventory/stock';
import { createWarehouse } from '../../../src/contexts/inventory/warehouses';
import { placeOrder } from '../../../src/contexts/orders/checkout';
import { cancelOrder, dispatchOrder, requestRefund } from '../../../src/contexts/orders/orders';
import { advanceSaga, Superseded } from '../../../src/contexts/orders/saga/advance';
import type { StepContext } from '../../../src/contexts/orders/saga/steps';
import { checkoutSchema } from '../../../src/contexts/orders/schemas';
import { lockSaga, type Saga } from '../../../src/contexts/orders/store/sagas';
import { createPayments } from '../../../src/contexts/payments';
import { Problem } from '../../../src/kernel/errors';
import type { Database } from '../../../src/platform/database';
import { brokenTrade } from '../../support/invariants';
import { GOODS, NAMES, type CartShown, type Line, type Match, type Model, type Outcome, type Token } from './model';
import { openNearProvider, type NearProvider } from './provider';
import { checkoutRequest } from './shop';

export type Ending = 'well' | 'through' | 'dies' | 'late';

/** The real thing: use cases and database, and the provider's own operations. Who works on which saga, and when, is decided here. */
export interface Stage {
  readonly database: Database;
  readonly context: StepContext;
  readonly provider: NearProvider;
  /** The name of goods that nobody has touched: `7` for 7-cup, 7-pot and 7-tea. */
  goods(): Promise<string>;
  /** How the history is played again that an order or a sku was in. */
  readonly played: Map<string, string>;
  /** What does not hold of all that was played here. */
  broken(): Promise<string[]>;
}

/** Histories for which goods are made at once. */
const BATCH = 40;

export async function openStage(database: Database): Promise<Stage> {
  const provider = openNearProvider();
  const payments = createPayments({ gateway: provider.gateway });
  const warehouse = await createWarehouse(database, { code: 'MAIN', name: 'Main', priority: 1, active: true });
  const spare: string[] = [];
  let made = 0;
  let making: Promise<void> | undefined;
  const make = async (): Promise<void> => {
    const names = Array.from({ length: BATCH }, () => String(++made));
    const goods = names.flatMap((name) => NAMES.map((good) => ({ sku: `${name}-${good}`, ...GOODS[good] })));
    const products = goods.map(({ sku, price }) => ({ line: 0, sku, name: sku, price, status: 'active' as const }));
    await importMade({ database, currency: 'GBP' }, products, {});
    const lines = goods.map(({ sku, units }) => ({ sku, quantity: units }));
    const receipt = { warehouseId: warehouse.id, kind: 'receipt' as const, note: '', lines };
    await database.transaction((client) => adjustStock(client, receipt, 'model'));
    spare.push(...names);
  };
  return {
    database,
    context: { payments, scorer: scoreByRules(DEFAULT_RULES), pool: database.pool },
    provider,
    played: new Map(),
    goods: async () => {
      for (;;) {
        const name = spare.shift();
        if (name !== undefined) return name;
        await (making ??= make().finally(() => (making = undefined)));
      }
    },
    broken: async () => {
      const client = await database.pool.connect();
      try {
        // What was written by the thousand in a moment has no statistics yet, and is looked at as a whole.
        await client.query('analyze; set enable_seqscan = on; set enable_hashjoin = on; set enable_mergejoin = on');
        // These orders came past the door: they have no Idempotency-Key.
        return (await brokenTrade(client, provider.books())).filter((one) => !one.startsWith('I8'));
      } finally {
        client.release(true);
      }
    },
  };
}

/** One history's goods, and the carts, quotes and orders for them. Other histories run beside it, and have others. */
export class Real {
  readonly orders: string[] = [];
  readonly #carts: { readonly id: string; version: number }[] = [];
  readonly #quotes: string[] = [];
  /** Sagas that a worker is at: the next step goes on under the same lease. */
  readonly #leases = new Map<string, Saga>();

  constructor(
    private readonly stage: Stage,
    readonly goods: string,
  ) {}

  /** Its orders and skus. */
  get names(): readonly string[] {
    return [...this.orders, ...NAMES.map((good) => `${this.goods}-${good}`)];
  }

  createCart(lines: readonly Line[]): Promise<[Outcome, CartShown?]> {
    const index = this.#carts.length;
    return this.#see(index, (client) => carts.createCart(client, lines.map(this.#line), 'GBP'));
  }

  add(index: number, match: Match, line: Line): Promise<[Outcome, CartShown?]> {
    const { id, expected } = this.#cart(index, match);
    return this.#see(index, (client) => carts.addToCart(client, id, this.#line(line), expected));
  }

  change(index: number, match: Match, line: Line): Promise<[Outcome, CartShown?]> {
    const { id, expected } = this.#cart(index, match);
    return this.#see(index, (client) => carts.changeQuantity(client, id, this.#line(line), expected));
  }

  remove(index: number, match: Match, line: Line): Promise<[Outcome, CartShown?]> {
    const { id, expected } = this.#cart(index, match);
    return this.#see(index, (client) => carts.removeFromCart(client, id, this.#line(line).sku, expected));
  }

  merge(into: number, from: number): Promise<[Outcome, CartShown?]> {
    const [{ id }, other] = [this.#cart(into, 'none'), this.#cart(from, 'none')];
    return this.#see(into, (client) => carts.mergeCarts(client, id, other.id));
  }

  /** Its time is over, by the database's clock. */
  async expire(what: 'carts' | 'quotes', index: number): Promise<void> {
    const id = what === 'carts' ? this.#carts[index]?.id : this.#quotes[index];
    const text = `update ${what} set expires_at = clock_timestamp() - interval '1 second' where id = $1`;
    const { rowCount } = await this.stage.database.pool.query({ name: `model-expire-${what}`, text, values: [id] });
    // A cart that was merged into another is not there.
    if (what === 'quotes') expect(rowCount).toBe(1);
  }

  async quote(index: number): Promise<Outcome> {
    const { id } = this.#cart(index, 'none');
    const made = await this.#attempt((client) => carts.quoteCart(client, id, { destination: { country: 'GB' } }));
    if (typeof made === 'string') return made;
    this.#quotes.push(made.id);
    return 'ok';
  }

  async checkout(index: number, token: Token): Promise<Outcome> {
    const { payments } = this.stage.context;
    const input = checkoutSchema.parse(checkoutRequest(String(this.#quotes[index]), { token }));
    const placed = await this.#attempt((client) => placeOrder(client, payments, input, 'model'));
    if (typeof placed === 'string') return placed;
    this.orders.push(placed.order.id);
    return 'ok';
  }

  cancel(index: number): Promise<Outcome> {
    return this.#turn(index, (client, id) => cancelOrder(client, id, 'model'));
  }

  dispatch(index: number): Promise<Outcome> {
    return this.#turn(index, (client, id) => dispatchOrder(client, id, 'model'));
  }

  refund(index: number, amount: number): Promise<Outcome> {
    const refund = { amount: { amount, currency: 'GBP' }, reason: 'model' };
    const { payments } = this.stage.context;
    return this.#turn(index, (client, id) => requestRefund(client, payments, id, refund, 'model'));
  }

  /**
   * A step of what is to be worked on for an order. `end`: the worker does the step, or that and what follows from it in the same
   * transaction; or dies when it has called the provider; or comes back when another has taken over. False when there is nothing.
   */
  async work(index: number, end: Ending): Promise<boolean> {
    const { database, context } = this.stage;
    const id = String(this.orders[index]);
    const saga = this.#leases.get(id) ?? (await this.#claim(id));
    this.#leases.delete(id);
    if (!saga) return false;
    if (end === 'dies') {
      const dying = { transaction: () => Promise.reject(new Error('killed')) };
      await expect(advanceSaga(dying, context, saga)).rejects.toThrow('killed');
    } else if (end === 'late') {
      await this.#claim(id);
      await expect(advanceSaga(database, context, saga)).rejects.toBeInstanceOf(Superseded);
    } else {
      const step = await advanceSaga(database, context, saga, { through: end === 'through' });
      if ('next' in step) this.#leases.set(id, step.next);
    }
    return true;
  }

  /** What anybody can see of orders and stock. */
  async shown(): Promise<Model['shown']> {
    const { rows } = await this.stage.database.pool.query<Model['shown']>({
      name: 'model-shown',
      text: `select array(select state from orders where id = any($1) order by id) as states,
               array(select on_hand - reserved from stock_items where sku = any($2) order by sku) as available`,
      values: [this.orders, NAMES.map((good) => `${this.goods}-${good}`)],
    });
    return rows[0] as Model['shown'];
  }

  /** What the provider has of an order. */
  net(index: number): number {
    const paid = this.stage.provider.authorised(String(this.orders[index]));
    return paid ? paid.captured - paid.refunded : 0;
  }

  readonly #line = ({ good, quantity }: Line): { sku: string; quantity: number } => ({
    sku: `${this.goods}-${good}`,
    quantity,
  });

  #cart(index: number, match: Match): { readonly id: string; readonly expected: number | undefined } {
    const { id = '', version = 0 } = this.#carts[index] ?? {};
    return { id, expected: match === 'none' ? undefined : match === 'current' ? version : version - 1 };
  }

  /** The result, or the code of the problem. */
  async #attempt<T extends object>(work: (client: pg.PoolClient) => Promise<T>): Promise<T | Outcome> {
    try {
      return await this.stage.database.transaction(work);
    } catch (error) {
      if (error instanceof Problem) return error.code;
      throw error;
    }
  }

  async #see(index: number, work: (client: pg.PoolClient) => Promise<CartView>): Promise<[Outcome, CartShown?]> {
    const cart = await this.#attempt(work);
    if (typeof cart === 'string') return [cart];
    const { id, version, subtotal } = cart;
    this.#carts[index] = { id, version };
    const lines = cart.lines.map(({ sku, quantity, available }) => {
      const good = sku.slice(this.goods.length + 1) as Line['good'];
      return { good, quantity, available };
    });
    return ['ok', { version, lines, subtotal: subtotal.amount }];
  }

  /** Somebody changes the course of an order: whoever works on it looks again. */
  async #turn(index: number, act: (client: pg.PoolClient, id: string) => Promise<object>): Promise<Outcome> {
    const id = String(this.orders[index]);
    this.#leases.delete(id);
    const after = await this.#attempt((client) => act(client, id));
    return typeof after === 'string' ? after : 'ok';
  }

  /** Takes the lease on the saga that is to be worked on, as if it were due: the order's, else its oldest refund's. */
  async #claim(id: string): Promise<Saga | undefined> {
    const client = await this.stage.database.pool.connect();
    try {
      const { rows } = await client.query<{ id: string }>({
        name: 'model-claim',
        text: `update sagas set fence = fence + 1, attempts = attempts + 1, lease_until = clock_timestamp() + interval '5 seconds'
               where id = (select id from sagas where order_id = $1 and state <> 'done'
                 order by id <> order_id, id limit 1) returning id`,
        values: [id],
      });
      return rows[0] && (await lockSaga(client, rows[0].id));
    } finally {
      client.release();
    }
  }
}
