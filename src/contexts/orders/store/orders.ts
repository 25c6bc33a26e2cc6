import type pg from 'pg';
import type { Money } from '../../../kernel/money';
import type { NextAction } from '../../payments';
import type { StoredQuote } from '../../pricing';
import type { OrderState, Step } from '../rules';
import type { Address, Checkout, HistoryAction, HistoryEntry, OrderDispute, OrderView } from '../schemas';

export type Queryable = Pick<pg.ClientBase, 'query'>;

export interface NewOrder {
  readonly id: string;
  readonly input: Checkout;
  readonly quote: StoredQuote;
  readonly reservationId: string;
  readonly paymentId: string | null;
  readonly tokenDigest: Buffer;
  readonly actor: string;
  /** Of its saga. */
  readonly firstStep: Step;
}

/** Those of these quotes that have bought an order. */
export async function usedQuotes(client: Queryable, quoteIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ quoteId: string }>({
    name: 'orders-quotes-used',
    text: 'select quote_id as "quoteId" from orders where quote_id = any($1)',
    values: [quoteIds],
  });
  return new Set(rows.map(({ quoteId }) => quoteId));
}

/**
 * Each order, its lines, the first row of its history, and its saga. Undefined in the place of one whose quote has bought another.
 * Whoever waits for a quote here waits in one order.
 */
export async function insertOrders(
  client: pg.ClientBase,
  orders: readonly NewOrder[],
): Promise<(OrderRow | undefined)[]> {
  const { rows } = await client.query<{ id: string; createdAt: Date; updatedAt: Date }>({
    name: 'orders-insert',
    text: `
with given as materialized (
  select * from json_to_recordset($1) as g(id text, quote_id text, reservation_id text, payment_id text, email text, reference text,
    shopper text, address jsonb, billing_country text, currency text, subtotal bigint, discount bigint, tax bigint, total bigint,
    tax_included boolean, token_digest text, lines json, actor text, step text)
),
placed as (
  insert into orders (id, quote_id, reservation_id, payment_id, email, reference, shopper, address, billing_country, currency,
    subtotal, discount, tax, total, tax_included, token_digest)
  select id, quote_id, reservation_id, payment_id, email, reference, shopper, address, billing_country, currency,
    subtotal, discount, tax, total, tax_included, decode(token_digest, 'hex') from given order by quote_id
  on conflict (quote_id) do nothing returning id, created_at, updated_at
),
lines as (
  insert into order_lines (order_id, line, sku, quantity, unit_amount, subtotal, discount, tax, total)
  select id, line.* from placed join given using (id), json_to_recordset(given.lines) as line(line int, sku text, quantity int,
    unit_amount bigint, subtotal bigint, discount bigint, tax bigint, total bigint)
),
history as (
  insert into order_history (order_id, version, action, "from", "to", actor)
  select id, 1, 'place', null, 'pending', actor from placed join given using (id)
),
saga as (
  insert into sagas (id, kind, order_id, step, next_at, step_since)
  select id, 'checkout', id, step, clock_timestamp(), clock_timestamp() from placed join given using (id)
)
select id, created_at as "createdAt", updated_at as "updatedAt" from placed`,
    values: [JSON.stringify(orders.map(toGiven))],
  });
  const placed = new Map(rows.map((row) => [row.id, row]));
  return orders.map((order) => {
    const row = placed.get(order.id);
    return row && toPlaced(order, row);
  });
}

/** An order as the statement takes it. */
const toGiven = ({ id, input, quote, reservationId, paymentId, tokenDigest, actor, firstStep }: NewOrder): object => ({
  id,
  quote_id: quote.id,
  reservation_id: reservationId,
  payment_id: paymentId,
  email: input.email,
  reference: input.reference,
  shopper: quote.shopper,
  address: input.shippingAddress,
  billing_country: input.billingCountry,
  currency: quote.currency,
  subtotal: quote.subtotal.amount,
  discount: quote.discount.amount,
  tax: quote.tax.amount,
  total: quote.total.amount,
  tax_included: quote.taxIncluded,
  token_digest: tokenDigest.toString('hex'),
  lines: quote.lines.map(({ sku, quantity, unitPrice, subtotal, discount, tax, total }, line) => ({
    line,
    sku,
    quantity,
    unit_amount: unitPrice.amount,
    subtotal: subtotal.amount,
    discount: discount.amount,
    tax: tax.amount,
    total: total.amount,
  })),
  actor,
  step: firstStep,
});

/** An order as it has just been written, which is not read again. */
function toPlaced(
  { id, input, quote, reservationId, paymentId, tokenDigest }: NewOrder,
  { createdAt, updatedAt }: { createdAt: Date; updatedAt: Date },
): OrderRow {
  const { subtotal, discount, tax, total, taxIncluded } = quote;
  return {
    id,
    state: 'pending',
    reason: null,
    quoteId: quote.id,
    reservationId,
    paymentId,
    email: input.email ?? null,
    reference: input.reference ?? null,
    shippingAddress: input.shippingAddress,
    billingCountry: input.billingCountry ?? null,
    lines: quote.lines,
    subtotal,
    discount,
    tax,
    total,
    taxIncluded,
    payment: paymentId === null ? null : { nextAction: null, dispute: null },
    tokenDigest,
    version: 1,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** What of an order is not for its customer to see. */
export interface OrderRow extends OrderView {
  readonly reservationId: string;
  readonly paymentId: string | null;
  readonly billingCountry: string | null;
  readonly tokenDigest: Buffer;
}

type Amounts = 'subtotal' | 'discount' | 'tax' | 'total';
type RawLine = { sku: string; quantity: number; unitAmount: number } & Record<Amounts, number>;
type Raw = Omit<OrderRow, Amounts | 'lines' | 'payment' | 'shippingAddress' | 'createdAt' | 'updatedAt'> &
  Record<Amounts, string> & {
    address: Address;
    currency: string;
    lines: RawLine[];
    nextAction: NextAction | null;
    dispute: OrderDispute | null;
    createdAt: Date;
    updatedAt: Date;
  };

const COLUMNS = `o.id, o.state, o.reason, o.quote_id as "quoteId", o.reservation_id as "reservationId",
  o.payment_id as "paymentId", o.email, o.reference, o.address, o.billing_country as "billingCountry", o.currency,
  o.subtotal, o.discount, o.tax, o.total, o.tax_included as "taxIncluded", o.token_digest as "tokenDigest", o.version,
  o.next_action as "nextAction", o.dispute,
  o.created_at as "createdAt", o.updated_at as "updatedAt",
  (select json_agg(json_build_object('sku', sku, 'quantity', quantity, 'unitAmount', unit_amount, 'subtotal', subtotal,
     'discount', discount, 'tax', tax, 'total', total) order by line) from order_lines where order_id = o.id) as lines`;

function toOrder({
  address,
  currency,
  lines,
  subtotal,
  discount,
  tax,
  total,
  nextAction,
  dispute,
  ...raw
}: Raw): OrderRow {
  const money = (amount: number | string): Money => ({ amount: Number(amount), currency });
  return {
    ...raw,
    shippingAddress: address,
    payment: raw.paymentId === null ? null : { nextAction, dispute },
    lines: lines.map((line) => ({
      sku: line.sku,
      quantity: line.quantity,
      unitPrice: money(line.unitAmount),
      subtotal: money(line.subtotal),
      discount: money(line.discount),
      tax: money(line.tax),
      total: money(line.total),
    })),
    subtotal: money(subtotal),
    discount: money(discount),
    tax: money(tax),
    total: money(total),
    createdAt: raw.createdAt.toISOString(),
    updatedAt: raw.updatedAt.toISOString(),
  };
}

export async function findOrder(client: Queryable, id: string): Promise<OrderRow | undefined> {
  const { rows } = await client.query<Raw>({
    name: 'orders-find',
    text: `select ${COLUMNS} from orders as o where o.id = $1`,
    values: [id],
  });
  return rows[0] && toOrder(rows[0]);
}

/** How an order stands: for whoever needs no more of it than that. */
export type Standing = Pick<OrderRow, 'state' | 'paymentId'>;

export async function findStanding(client: Queryable, id: string): Promise<Standing | undefined> {
  const { rows } = await client.query<Standing>({
    name: 'orders-standing',
    text: 'select state, payment_id as "paymentId" from orders where id = $1',
    values: [id],
  });
  return rows[0];
}

/** Orders, the youngest first, one more than `limit` where there is one. */
export async function listOrders(
  client: Queryable,
  { state, before, limit }: { readonly state?: OrderState; readonly before?: string; readonly limit: number },
): Promise<OrderRow[]> {
  const { rows } = await client.query<Raw>(
    `select ${COLUMNS} from orders as o
     where ($1::text is null or o.state = $1) and ($2::text is null or o.id < $2) order by o.id desc limit $3`,
    [state ?? null, before ?? null, limit + 1],
  );
  return rows.map(toOrder);
}

/** A step in an order's life. */
export interface Move {
  readonly action: HistoryAction;
  readonly from: OrderState;
  readonly to: OrderState;
  /** Null leaves the order's own reason as it is. */
  readonly reason: string | null;
  readonly actor: string;
  /** What the payer has to do before the order goes on. Every step that does not say so ends it. */
  readonly nextAction?: NextAction | null | undefined;
  /** How a dispute stands; left as it is by every step that does not say so. */
  readonly dispute?: OrderDispute | undefined;
}

/** Moves an order that is in state `from`, and writes the row of its history. False when it is in another state. */
export async function moveOrder(client: pg.ClientBase, id: string, move: Move): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'orders-move',
    text: `
with moved as (
  update orders set state = $4, reason = case when $4 in ('cancelling', 'cancelled') then coalesce($5, reason) else reason end,
    next_action = $7::jsonb, dispute = coalesce($8::jsonb, dispute), version = version + 1, updated_at = clock_timestamp()
  where id = $1 and state = $3 returning id, version
)
insert into order_history (order_id, version, action, "from", "to", reason, actor)
select id, version, $2, $3, $4, $5, $6 from moved`,
    values: [
      id,
      move.action,
      move.from,
      move.to,
      move.reason,
      move.actor,
      move.nextAction ? JSON.stringify(move.nextAction) : null,
      move.dispute ? JSON.stringify(move.dispute) : null,
    ],
  });
  return rowCount === 1;
}

export async function listHistory(client: Queryable, orderId: string): Promise<HistoryEntry[]> {
  const { rows } = await client.query<Omit<HistoryEntry, 'occurredAt'> & { occurredAt: Date }>(
    `select version, action, "from", "to", reason, actor, occurred_at as "occurredAt"
     from order_history where order_id = $1 order by version`,
    [orderId],
  );
  return rows.map((row) => ({ ...row, occurredAt: row.occurredAt.toISOString() }));
}
