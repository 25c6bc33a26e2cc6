import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { DEFAULT_RULES, scoreByRules } from '../../../src/contexts/fraud';
import { placeOrder } from '../../../src/contexts/orders/checkout';
import { advanceSaga, recoverSaga } from '../../../src/contexts/orders/saga/advance';
import type { StepContext } from '../../../src/contexts/orders/saga/steps';
import { checkoutSchema } from '../../../src/contexts/orders/schemas';
import { claimSagas, type Saga } from '../../../src/contexts/orders/store/sagas';
import { createPayments, type Payments } from '../../../src/contexts/payments';
import type { Database } from '../../../src/platform/database';
import { openShop, type Shop } from './shop';

/** Where an order goes, when it is not to London. */
export interface Elsewhere {
  readonly destination: Record<string, string>;
  readonly request: Record<string, unknown>;
}

/**
 * A shop whose sagas are carried on step by step by the test: payments are off in its settings, so that its own worker does not
 * take part, and the real provider is called from here.
 */
export interface ByHand {
  readonly shop: Shop;
  readonly payments: Payments;
  readonly context: StepContext;
  readonly database: Database;
  /** A placed order, and the lease on its saga. */
  placed(token?: string, elsewhere?: Elsewhere): Promise<{ id: string; saga: Saga }>;
  /** Takes a saga that is due. */
  claim(id: string): Promise<Saga>;
  /** Takes a saga that rests, as if its time had come. */
  claimNow(id: string): Promise<Saga>;
  /** Ends the present lease on a saga. */
  expire(id: string): Promise<unknown>;
  /** One step, after which the saga goes on. */
  next(saga: Saga): Promise<Saga>;
  /** As a worker does: steps until the saga rests, and what a step throws is recovered from. Resolves to what was thrown. */
  carryOn(saga: Saga): Promise<unknown>;
  toTheEnd(saga: Saga): Promise<void>;
  row(id: string): Promise<Record<string, unknown>>;
}

export async function openByHand(): Promise<ByHand> {
  const shop = await openShop({ EASY11_PAYMENTS: 'off' });
  const payments = createPayments({ gateway: shop.sandbox.gateway });
  const context = { payments, scorer: scoreByRules(DEFAULT_RULES), pool: shop.pool };
  const { database } = shop.app.app;
  const claim = async (id: string): Promise<Saga> => {
    // The columns round to milliseconds, upwards too: what is due now may be so in half of one.
    for (let tries = 0; tries < 5; tries++) {
      const saga = (await claimSagas(shop.pool, 20)).find((one) => one.id === id);
      if (saga) return saga;
      await sleep(1);
    }
    throw new Error(`${id} could not be claimed`);
  };
  const place = (input: unknown): ReturnType<typeof placeOrder> =>
    database.transaction((client: pg.PoolClient) => placeOrder(client, payments, checkoutSchema.parse(input), 'test'));
  return {
    shop,
    payments,
    context,
    database,
    placed: async (token = 'tok_success', elsewhere) => {
      const quoteId = await shop.quote([await shop.product(1)], 1, elsewhere?.destination);
      const { order } = await place(shop.request(quoteId, { token, ...elsewhere?.request }));
      // I8 asks for the key that an order came with; this one came past the door.
      await shop.pool.query(
        `insert into idempotency_keys (scope, key, request_hash, status, headers, body)
         values ('test POST /v1/checkout', $1, '', 202, '{}', $2)`,
        [randomUUID(), JSON.stringify({ order })],
      );
      return { id: order.id, saga: await claim(order.id) };
    },
    claim,
    claimNow: async (id) => {
      // A second ago, because the column rounds to milliseconds, upwards too.
      const due = `update sagas set next_at = clock_timestamp() - interval '1 second' where id = $1`;
      await shop.pool.query(due, [id]);
      return claim(id);
    },
    expire: (id) =>
      shop.pool.query(`update sagas set lease_until = clock_timestamp() - interval '1 second' where id = $1`, [id]),
    next: async (saga) => {
      const step = await advanceSaga(database, context, saga);
      if (!('next' in step)) throw new Error(`${saga.step} rests`);
      return step.next;
    },
    carryOn: async (saga) => {
      for (let current = saga; ;) {
        try {
          const step = await advanceSaga(database, context, current);
          if (!('next' in step)) return step.error;
          current = step.next;
        } catch (error) {
          await recoverSaga(database, current, error);
          return error;
        }
      }
    },
    toTheEnd: async (saga) => {
      for (let current = saga; ;) {
        const step = await advanceSaga(database, context, current);
        if (!('next' in step)) return;
        current = step.next;
      }
    },
    row: async (id) =>
      (await shop.pool.query('select step, state, fence, direction from sagas where id = $1', [id])).rows[0],
  };
}
