import type pg from 'pg';
import { brokenInvariants as brokenStock } from '../contexts/inventory/shop';
import { allHeard, brokenConsumers } from './consumers';

/** A payment in the provider's own books: the oracle of what was really charged. */
export interface Booked {
  readonly id: string;
  readonly key: string;
  readonly reference: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly captured: number;
  readonly refunded: number;
  readonly refunds: readonly { readonly id: string; readonly status: string; readonly amount: number }[];
  readonly disputes?: readonly { readonly status: string; readonly amount: number }[];
}

/** What is true of a shop's trade at any moment when its sagas rest. Each line names what is wrong, and where. */
const TRADE = `
  with answered as materialized (
    select key, body::json -> 'order' ->> 'id' as order_id from idempotency_keys where scope like '%POST /v1/checkout')
  select 'I5 refunded, captured and authorised are out of order: ' || id as broken from payments
  where not (refunded + refund_pending <= captured and captured <= authorised and authorised <= amount)
  union all
  select 'I3 a ledger transaction does not come to 0: ' || transaction_id from ledger_entries
  group by transaction_id, currency having sum(amount) <> 0
  union all
  select 'I3 disputes differ from what the ledger says: ' || p.id from payments as p
  where p.disputed <> coalesce((select sum(amount) from disputes where payment_id = p.id and status in ('open', 'lost')), 0)
    or p.disputed <> coalesce((select sum(e.amount) from ledger_transactions as t
      join ledger_entries as e on e.transaction_id = t.id
      where t.payment_id = p.id and e.account in ('disputed_funds', 'dispute_losses')), 0)
  union all
  select 'I6 a saga is stuck: ' || id || ' in ' || step from sagas
  where state = 'running' and waiting_for is null and step_since < clock_timestamp() - interval '15 minutes'
  union all
  select 'I7 an order''s events are not its versions: ' || o.id from orders as o
  -- The collation is that of the index, which is not that of ids.
  where o.version <> (select count(*) from outbox_events where aggregate = ('order:' || o.id) collate "default")
    or o.version <> (select max(version) from outbox_events where aggregate = ('order:' || o.id) collate "default")
  union all
  select 'I7 an order''s history is not its versions: ' || o.id from orders as o
  where o.version <> (select count(*) from order_history where order_id = o.id)
    or o.state <> (select "to" from order_history where order_id = o.id and version = o.version)
  union all
  select 'I8 an order of no key, or of two: ' || o.id from orders as o left join answered as a on a.order_id = o.id
  group by o.id having count(a.key) <> 1
  union all
  select 'I8 a key without its order: ' || a.key from answered as a
  where not exists (select from orders as o where o.id = a.order_id)
  union all
  select 'I9 money was taken for an order that is ' || o.state || ': ' || o.id
  from orders as o join payments as p on p.order_id = o.id
  where p.captured > p.refunded + p.disputed and o.state not in ('confirmed', 'dispatching', 'dispatched', 'cancelling')
    and not (o.state = 'pending' and exists (select from sagas as s where s.id = o.id and s.state <> 'done'))
  union all
  select 'I9 a confirmed order is not paid for: ' || o.id from orders as o
  where o.state in ('confirmed', 'dispatched') and o.total > 0 and not exists (
    select from payments as p where p.id = o.payment_id and p.amount = o.total
      and (p.status = 'captured' or (p.status = 'authorised' and o.state = 'confirmed')))
  union all
  select 'I14 an order does not cost what was quoted: ' || o.id from orders as o
  left join quotes as q on q.id = o.quote_id
  where q.id is null or concat(q.total, q.currency) <> concat(o.total, o.currency)
  union all
  select 'I14 an order is not the sum of its lines: ' || o.id from orders as o
  where concat(o.subtotal, '/', o.discount, '/', o.tax, '/', o.total) <> (
    select concat(sum(subtotal), '/', sum(discount), '/', sum(tax), '/', sum(total)) from order_lines where order_id = o.id)
  union all
  select 'I15 a dead letter says nothing: ' || id from outbox_dead_letters
  where state = 'dead' and (error is null or attempts = 0)
  union all
  select 'I11 a coupon was used more often than it may be, or its count is wrong: ' || c.id from coupons as c
  where c.redeemed > coalesce(c.limit_total, c.redeemed)
    or c.redeemed <> (select count(*) from coupon_redemptions where coupon_id = c.id and returned_at is null)
  union all
  select 'I11 a customer used a coupon more often than they may, or the count is wrong: ' || u.coupon_id
  from coupon_uses as u join coupons as c on c.id = u.coupon_id
  where u.uses > coalesce(c.limit_per_customer, u.uses) or u.uses <> (select count(*) from coupon_redemptions as r
    where r.coupon_id = u.coupon_id and r.customer_key = u.customer_key and r.returned_at is null)
  union all
  select 'I11 a coupon is used by an order that is ' || coalesce(o.state, 'not there') || ': ' || r.order_id
  from coupon_redemptions as r left join orders as o on o.id = r.order_id
  where o.id is null or (r.returned_at is null) = (o.state = 'cancelled')
  union all
  select 'stock is held for an order that is ' || o.state || ': ' || o.id
  from orders as o join reservations as r on r.id = o.reservation_id
  where (o.state = 'cancelled' and r.state <> 'released') or (o.state in ('confirmed', 'dispatched') and r.state <> 'committed')
  union all
  select 'stock is held for no order: ' || r.id from reservations as r
  where r.reference like 'ord\\_%' and not exists (select from orders as o where o.id = r.reference)`;

/**
 * Everything of I1–I9, I14 and I15 that does not hold: asked of the database, and of the provider's own books where they are
 * given. To be asked when no saga is at work, and all is heard. `consumers` are those that must be there; else those that are.
 */
export async function brokenTrade(
  pool: Pick<pg.Pool, 'query'>,
  books?: readonly Booked[],
  consumers?: readonly string[],
): Promise<string[]> {
  const { rows } = await pool.query<{ broken: string }>(TRADE);
  const trade = rows.map((row) => row.broken);
  const broken = [...trade, ...(await brokenStock(pool)), ...(await brokenConsumers(pool, consumers))];
  return books ? [...broken, ...(await brokenBooks(pool, books))] : broken;
}

export interface Rest {
  /** Consumers that must be there; without it those that are. */
  readonly consumers?: readonly string[];
  /** What is waited for beside that all is heard. */
  readonly until?: () => Promise<unknown>;
  readonly withinMs: number;
}

/**
 * `brokenTrade`, at a moment of rest: where something is broken, and something was told or heard while that was asked (a provider's
 * answer that comes late, a clock that struck), it was no such moment, and it waits and asks again.
 */
export async function brokenAtRest(
  pool: Pick<pg.Pool, 'query'>,
  books: () => Promise<readonly Booked[]>,
  { consumers, until, withinMs }: Rest,
): Promise<string[]> {
  const deadline = performance.now() + 2 * withinMs;
  for (;;) {
    await until?.();
    const heard = await allHeard(pool, withinMs);
    const before = await stirred(pool);
    const broken = await brokenTrade(pool, await books(), consumers);
    if (broken.length === 0 || !heard || performance.now() > deadline || before === (await stirred(pool)))
      return broken;
  }
}

/** Grows with each event that is told, published or heard. */
async function stirred(pool: Pick<pg.Pool, 'query'>): Promise<string | undefined> {
  const { rows } = await pool.query<{ stirred: string }>(
    `select concat_ws(' ', (select count(*) from outbox_events), (select sum(position) from outbox_partitions),
       (select sum(position) from outbox_cursors), (select sum(version) from outbox_inbox)) as stirred`,
  );
  return rows[0]?.stirred;
}

/** The provider's books held against ours, and ours against the provider's. */
async function brokenBooks(pool: Pick<pg.Pool, 'query'>, books: readonly Booked[]): Promise<string[]> {
  const broken: string[] = [];
  const live = books.filter(({ status }) => status !== 'declined');
  const perOrder = new Map<string, number>();
  for (const { reference } of live) perOrder.set(reference, (perOrder.get(reference) ?? 0) + 1);
  for (const [order, count] of perOrder)
    if (count > 1) broken.push(`I1 the provider has ${count} payments of ${order}`);
  const { rows } = await pool.query<{ id: string; state: string; net: string; key: string; status: string }>(
    `select o.id, o.state, p.captured - p.refunded as net, p.order_id || ':authorise:' || p.attempt as key, p.status
     from orders as o join payments as p on p.id = o.payment_id`,
  );
  const ours = new Map(rows.map((row) => [row.key, row]));
  for (const { key, status, captured, refunded } of books) {
    const row = ours.get(key);
    if (!row) broken.push(`I1 the provider has a payment of no order: ${key}`);
    else if (Number(row.net) !== captured - refunded)
      broken.push(`I4 ${row.id}: the provider has ${captured - refunded}, we ${row.net}`);
    else if (row.state === 'cancelled' && (status === 'authorised' || status === 'pending'))
      broken.push(`I4 ${row.id} is cancelled, and the provider still has its payment ${status}`);
  }
  const held = ({ disputes = [] }: Booked): number =>
    disputes.reduce((sum, { status, amount }) => (status === 'open' || status === 'lost' ? sum + amount : sum), 0);
  const booked = books.reduce((sum, one) => sum + one.captured - one.refunded - held(one), 0);
  const { rows: ledger } = await pool.query<{ net: string }>(
    `select coalesce(sum(amount), 0) as net from ledger_entries where account = 'provider_clearing'`,
  );
  if (Number(ledger[0]?.net) !== booked)
    broken.push(`I4 the provider has ${booked} in all, the ledger ${ledger[0]?.net}`);
  return [...broken, ...(await brokenPayments(pool, books)), ...(await brokenRefunds(pool, books))];
}

/** Each of our payments is at the provider as we have it. One that was never asked for is not there. */
async function brokenPayments(pool: Pick<pg.Pool, 'query'>, books: readonly Booked[]): Promise<string[]> {
  const theirs = new Map(books.map((one) => [one.key, one]));
  const { rows } = await pool.query<{ id: string; key: string; providerId: string | null; facts: string }>(
    `select id, order_id || ':authorise:' || attempt as key, provider_id as "providerId",
       concat_ws(' ', status, amount, currency, 'captured', captured, 'refunded', refunded) as facts from payments`,
  );
  return rows.flatMap(({ id, key, providerId, facts }) => {
    const booked = theirs.get(key);
    if (!booked) return facts.startsWith('created ') ? [] : [`I4 the provider does not have ${id}, we ${facts}`];
    const { status, amount, currency, captured, refunded } = booked;
    const there = [status, amount, currency, 'captured', captured, 'refunded', refunded].join(' ');
    if (there !== facts) return [`I4 ${id}: the provider has ${there}, we ${facts}`];
    return providerId === booked.id ? [] : [`I4 ${id} is ${booked.id} at the provider, ${providerId} with us`];
  });
}

/** Each of our refunds is at the provider as we have it, and each of the provider's is ours. */
async function brokenRefunds(pool: Pick<pg.Pool, 'query'>, books: readonly Booked[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string; facts: string }>(
    `select r.id, concat_ws(' ', r.status, r.amount, 'of', p.provider_id) as facts
     from refunds as r join payments as p on p.id = r.payment_id`,
  );
  const ours = new Map(rows.map(({ id, facts }) => [id, facts]));
  const theirs = new Map(
    books.flatMap((one) => one.refunds.map(({ id, status, amount }) => [id, `${status} ${amount} of ${one.id}`])),
  );
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((id) => ours.get(id) !== theirs.get(id))
    .map((id) => `I4 refund ${id}: the provider has ${theirs.get(id) ?? 'none'}, we ${ours.get(id) ?? 'none'}`);
}
