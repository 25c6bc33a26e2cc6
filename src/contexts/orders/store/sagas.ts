import type pg from 'pg';
import type { Flush } from '../../../platform/database';
import type { Direction, Step } from '../rules';
import type { SagaView } from '../schemas';
import type { Queryable } from './orders';

/** How long a worker may be silent before another takes the saga over. */
export const LEASE_SECONDS = 5;

export interface Saga {
  readonly id: string;
  readonly kind: 'checkout' | 'refund';
  readonly orderId: string;
  /** The order's own, which never change: null where there is nothing to pay. */
  readonly paymentId: string | null;
  readonly reservationId: string;
  readonly step: Step;
  readonly direction: Direction;
  readonly state: SagaView['state'];
  /** Of the present step, this one included. */
  readonly attempts: number;
  /** How often the present step was refused, with nothing else between. */
  readonly refusals: number;
  readonly fence: number;
  readonly waitingFor: 'review' | 'payment' | null;
  /** Whether what is waited for has not come in time, by the database's clock. */
  readonly waitedOut: boolean;
  readonly paying: boolean;
  readonly refundId: string | null;
  readonly refundAmount: number | null;
  /** Seconds in the present step. */
  readonly stepAge: number;
}

const COLUMNS = `s.id, s.kind, s.order_id as "orderId",
  (select payment_id from orders where id = s.order_id) as "paymentId",
  (select reservation_id from orders where id = s.order_id) as "reservationId", s.step, s.direction, s.state, s.attempts,
  s.refusals, s.fence,
  s.waiting_for as "waitingFor", coalesce(s.wait_until <= clock_timestamp(), false) as "waitedOut", s.paying,
  s.refund_id as "refundId", s.refund_amount::float8 as "refundAmount",
  extract(epoch from clock_timestamp() - s.step_since)::float8 as "stepAge"`;

export async function insertSaga(
  client: Queryable,
  saga: Pick<Saga, 'id' | 'kind' | 'orderId' | 'step'> & Partial<Pick<Saga, 'refundId' | 'refundAmount'>>,
): Promise<void> {
  await client.query({
    name: 'orders-saga-insert',
    text: `insert into sagas (id, kind, order_id, step, refund_id, refund_amount, next_at, step_since)
           values ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp())`,
    values: [saga.id, saga.kind, saga.orderId, saga.step, saga.refundId ?? null, saga.refundAmount ?? null],
  });
}

/**
 * Takes up to `limit` sagas that have been due for so many seconds for this worker, the longest due first, each with a lease and
 * the next fence. Those that another is taking in this moment are passed over; those whose worker has been silent for too long
 * are taken from it.
 */
export async function claimSagas(client: Queryable, limit: number, overdueSeconds = 0): Promise<Saga[]> {
  const { rows } = await client.query<Saga>({
    name: 'orders-saga-claim',
    text: `
with due as (
  select id from sagas
  where state <> 'done' and next_at <= clock_timestamp() - $3 * interval '1 second' and (lease_until is null or lease_until <= clock_timestamp())
  order by next_at limit $1 for update skip locked
)
update sagas as s set fence = s.fence + 1, attempts = s.attempts + 1,
  lease_until = clock_timestamp() + $2 * interval '1 second', updated_at = clock_timestamp()
from due where s.id = due.id returning ${COLUMNS}`,
    values: [limit, LEASE_SECONDS, overdueSeconds],
  });
  return rows;
}

/** Locks a saga for the one that has this fence; undefined when another has taken it over. Every write begins with it. */
export async function holdSaga(client: pg.ClientBase, id: string, fence: number): Promise<Saga | undefined> {
  const { rows } = await client.query<Saga>({
    name: 'orders-saga-hold',
    text: `select ${COLUMNS} from sagas as s where s.id = $1 and s.fence = $2 for update`,
    values: [id, fence],
  });
  return rows[0];
}

/** Locks a saga for whoever wants to change its course from outside. */
export async function lockSaga(client: pg.ClientBase, id: string): Promise<Saga | undefined> {
  const { rows } = await client.query<Saga>({
    name: 'orders-saga-lock',
    text: `select ${COLUMNS} from sagas as s where s.id = $1 for update`,
    values: [id],
  });
  return rows[0];
}

/**
 * Goes to a step under the same lease, which begins anew. The saga must be locked. One that comes back to the step it is in has
 * not got on: its attempts go on counting, and a person who is needed is still needed.
 */
export async function goTo(
  client: pg.ClientBase,
  id: string,
  { step, direction, paying }: { readonly step: Step; readonly direction: Direction; readonly paying: boolean },
): Promise<Saga> {
  const { rows } = await client.query<Saga>({
    name: 'orders-saga-go',
    text: `update sagas as s set step = $2, direction = $3, paying = s.paying or $4,
             attempts = case when s.step = $2 then greatest(s.attempts, 1) else 1 end, refusals = 0,
             state = case when s.step = $2 then s.state else 'running' end,
             error = case when s.step = $2 then s.error end,
             step_since = case when s.step = $2 then s.step_since else clock_timestamp() end,
             waiting_for = null, wait_until = null, next_at = clock_timestamp(),
             lease_until = clock_timestamp() + $5 * interval '1 second', updated_at = clock_timestamp()
           where s.id = $1 returning ${COLUMNS}`,
    values: [id, step, direction, paying, LEASE_SECONDS],
  });
  return rows[0] as Saga;
}

/** Sends a locked saga back from outside: whoever works on it ends the present step first, and then finds it turned. */
export async function turnBack(client: pg.ClientBase, id: string): Promise<void> {
  await client.query({
    name: 'orders-saga-turn',
    text: `update sagas set step = 'undo-payment', direction = 'back', state = 'running', attempts = 0, refusals = 0, error = null,
             waiting_for = null, wait_until = null, next_at = clock_timestamp(), step_since = clock_timestamp(),
             updated_at = clock_timestamp()
           where id = $1`,
    values: [id],
  });
}

/** Sets a saga that has ended going again, forward. */
export async function restart(client: pg.ClientBase, id: string, step: Step): Promise<void> {
  await client.query(
    `update sagas set step = $2, direction = 'forward', state = 'running', attempts = 0, refusals = 0, error = null,
       next_at = clock_timestamp(), step_since = clock_timestamp(), updated_at = clock_timestamp()
     where id = $1 and state = 'done'`,
    [id, step],
  );
}

/** How often a saga that waits looks by itself: whoever should have told it may have been silent. */
const LOOK_SECONDS = 300;

/** Rests until something is heard, or until the wait is over: `seconds` after it began. */
export async function rest(
  client: pg.ClientBase,
  id: string,
  waitingFor: NonNullable<Saga['waitingFor']>,
  seconds: number,
): Promise<void> {
  await client.query({
    name: 'orders-saga-rest',
    text: `update sagas set waiting_for = $2, lease_until = null, attempts = 0, refusals = 0, error = null, state = 'running',
             wait_until = coalesce(wait_until, clock_timestamp() + $3 * interval '1 second'),
             next_at = least(coalesce(wait_until, clock_timestamp() + $3 * interval '1 second'),
               clock_timestamp() + $4 * interval '1 second'), updated_at = clock_timestamp()
           where id = $1`,
    values: [id, waitingFor, seconds, LOOK_SECONDS],
  });
}

/** Ends locked sagas, each in the step that it has reached. */
export const finish: Flush<Pick<Saga, 'id' | 'step'>> = (client, sagas) =>
  Promise.all(
    sagas.map(({ id, step }) =>
      client.query({
        name: 'orders-saga-finish',
        text: `update sagas set step = $2, state = 'done', lease_until = null, waiting_for = null, wait_until = null, error = null,
                 updated_at = clock_timestamp() where id = $1`,
        values: [id, step],
      }),
    ),
  );

export interface Postponement {
  readonly pauseMs: number;
  readonly error: string;
  readonly manual: boolean;
  /** Whether it was refused, and not only unknown how it ended. */
  readonly refused?: boolean;
}

/**
 * Puts a step off, if nobody has taken the saga over. One that needs a person is still tried again. A saga that was turned
 * meanwhile is given back as it is: what kept the step does not hold up the way back. False in both cases.
 */
export async function postpone(
  client: Queryable,
  { id, fence, step, direction }: Pick<Saga, 'id' | 'fence' | 'step' | 'direction'>,
  { pauseMs, error, manual, refused = false }: Postponement,
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'orders-saga-postpone',
    text: `update sagas set next_at = clock_timestamp() + $5 * interval '1 millisecond', lease_until = null, error = $6,
             state = case when $7 then 'manual' else state end, refusals = case when $8 then refusals + 1 else 0 end,
             updated_at = clock_timestamp()
           where id = $1 and fence = $2 and step = $3 and direction = $4 and state <> 'done'`,
    values: [id, fence, step, direction, pauseMs, error.slice(0, 500), manual, refused],
  });
  if (rowCount === 1) return true;
  await client.query({
    name: 'orders-saga-give-back',
    text: `update sagas set lease_until = null, updated_at = clock_timestamp()
           where id = $1 and fence = $2 and state <> 'done'`,
    values: [id, fence],
  });
  return false;
}

/**
 * Lets whatever of an order waits look whether what it waits for has come. Every saga at work is matched, also one that does not
 * wait yet: a worker that is about to write down that it does has locked the row, and this then waits for it and sees what it wrote.
 */
export async function wakeSagas(client: Queryable, orderId: string): Promise<void> {
  await client.query({
    name: 'orders-saga-wake',
    text: `update sagas set next_at = case when waiting_for is null then next_at else clock_timestamp() end
           where order_id = $1 and state <> 'done'`,
    values: [orderId],
  });
}

/** Keeps which refund gives the money back, before it is asked for. */
export async function keepRefund(client: pg.ClientBase, id: string, refundId: string, amount: number): Promise<void> {
  await client.query('update sagas set refund_id = $2, refund_amount = $3 where id = $1', [id, refundId, amount]);
}

/** Forgets a refund that has failed, and that it was waited for: another is asked for in its place. */
export async function dropRefund(client: pg.ClientBase, id: string): Promise<void> {
  await client.query(
    'update sagas set refund_id = null, refund_amount = null, waiting_for = null, wait_until = null where id = $1',
    [id],
  );
}

const VIEW = `id, kind, order_id as "orderId", step, direction, state, attempts, waiting_for as "waitingFor", error,
  next_at as "nextAt", step_since as "stepSince"`;
type RawView = Omit<SagaView, 'nextAt' | 'stepSince'> & { nextAt: Date; stepSince: Date };
const toView = (raw: RawView): SagaView => ({
  ...raw,
  nextAt: raw.nextAt.toISOString(),
  stepSince: raw.stepSince.toISOString(),
});

export async function sagasOf(client: Queryable, orderId: string): Promise<SagaView[]> {
  const { rows } = await client.query<RawView>(
    `select ${VIEW} from sagas where order_id = $1 order by created_at, id`,
    [orderId],
  );
  return rows.map(toView);
}

/** Sagas in a state, the newest first, one more than `limit` where there is one. */
export async function listSagas(
  client: Queryable,
  { state, after, limit }: { readonly state: SagaView['state']; readonly after?: string; readonly limit: number },
): Promise<SagaView[]> {
  const { rows } = await client.query<RawView>(
    `select ${VIEW} from sagas where state = $1 and ($2::text is null or id < $2) order by id desc limit $3`,
    [state, after ?? null, limit + 1],
  );
  return rows.map(toView);
}

/** How many have not ended, how many of them need a person, and how long the oldest that is not waiting has been in its step. */
export async function countSagas(
  client: Queryable,
): Promise<{ readonly open: number; readonly manual: number; readonly oldestSeconds: number }> {
  const { rows } = await client.query<{ open: number; manual: number; oldestSeconds: number }>(
    `select count(*)::int as open, count(*) filter (where state = 'manual')::int as manual,
       coalesce(max(extract(epoch from clock_timestamp() - step_since)) filter (where waiting_for is null), 0)::float8
         as "oldestSeconds"
     from sagas where state <> 'done'`,
  );
  return rows[0] as { open: number; manual: number; oldestSeconds: number };
}
