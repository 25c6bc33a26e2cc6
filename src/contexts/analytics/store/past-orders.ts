import type pg from 'pg';
import type { Bought } from '../rules';

export type Queryable = Pick<pg.ClientBase, 'query'>;

/** A line of an order from before this shop. */
export interface PastOrderLine {
  readonly id: string;
  readonly source: string;
  readonly kind: 'sale' | 'cancellation' | 'bad-debt' | 'adjustment';
  readonly invoice: string;
  readonly sku: string;
  readonly isProduct: boolean;
  readonly description: string;
  readonly quantity: number;
  /** Of the whole line, minor units. */
  readonly amount: number;
  readonly currency: string;
  /** The time on the shop's wall, in the fields of UTC. */
  readonly orderedAt: Date;
  /** Null for a guest. */
  readonly customer: string | null;
  readonly country: string;
  /** Of a cancellation: the line that it takes back, where one fits. */
  readonly cancels: string | null;
  /** Of one, minor units, exactly, as decimal text. Null in lines from before it was kept. */
  readonly unitPrice: string | null;
}

/** A timestamp without a zone would be read in this machine's: it goes in and out as UTC. */
const COLUMNS = `id, source, kind, invoice, sku, is_product as "isProduct", description, quantity, amount::float8 as amount,
  currency, ordered_at at time zone 'UTC' as "orderedAt", customer, country, cancels, unit_price::text as "unitPrice"`;

/** How the archive calls these lines. */
export const PAST_ORDER_LINES = 'past_order_lines';

/**
 * Adds lines; those that are there already are left as they are. Resolves to how many were added. One statement, so one commit: the
 * lines, and the row that says that they are yet to go into the archive. `batch` must be new.
 */
export async function insertLines(
  client: Queryable,
  batch: string,
  lines: readonly Omit<PastOrderLine, 'cancels'>[],
): Promise<number> {
  const { rows } = await client.query<{ n: number }>({
    name: 'analytics-insert-lines',
    text: `with added as (
             insert into past_order_lines (id, source, kind, invoice, sku, is_product, description, quantity, amount, currency,
               ordered_at, customer, country, unit_price, batch)
             select *, $2 from json_to_recordset($1::json) as new(id text, source text, kind text, invoice text, sku text,
               "isProduct" boolean, description text, quantity int, amount bigint, currency text, "orderedAt" timestamp,
               customer text, country text, "unitPrice" numeric)
             on conflict (id) do nothing returning id),
           queued as (
             insert into analytics_exports (dataset, key) select '${PAST_ORDER_LINES}', $2 where exists (select from added))
           select count(*)::int as n from added`,
    values: [JSON.stringify(lines), batch],
  });
  return rows[0]?.n ?? 0;
}

/** The cancellations of known customers and the sales that they may take back, by time. */
export async function readCancellable(client: Queryable, source: string): Promise<Bought[]> {
  const { rows } = await client.query<Bought>(
    `select id, kind, customer, sku, quantity, ordered_at at time zone 'UTC' as "orderedAt" from past_order_lines
     where source = $1 and kind in ('sale', 'cancellation') and (customer, sku) in (
       select customer, sku from past_order_lines where source = $1 and kind = 'cancellation' and customer is not null)
     order by ordered_at, kind desc, id`,
    [source],
  );
  return rows;
}

/** Writes what each cancellation takes back, and clears what another reading said before. */
export async function writeCancels(
  client: Queryable,
  source: string,
  matches: ReadonlyMap<string, string>,
): Promise<void> {
  await client.query(
    `update past_order_lines as line set cancels = new.sale
     from (select cancelled.id, match.sale from past_order_lines as cancelled
           left join unnest($2::text[], $3::text[]) as match (id, sale) using (id)
           where cancelled.source = $1 and cancelled.kind = 'cancellation') as new
     where line.id = new.id and line.cancels is distinct from new.sale`,
    [source, [...matches.keys()], [...matches.values()]],
  );
}

export async function countCancellations(client: Queryable, source: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `select count(*)::int as n from past_order_lines where source = $1 and kind = 'cancellation'`,
    [source],
  );
  return rows[0]?.n ?? 0;
}

export async function listLines(client: Queryable, customer: string): Promise<PastOrderLine[]> {
  const { rows } = await client.query<PastOrderLine>(
    `select ${COLUMNS} from past_order_lines where customer = $1 order by ordered_at, invoice, id`,
    [customer],
  );
  return rows;
}

/** An article that somebody bought before this shop. */
export interface PastPurchase {
  readonly source: string;
  readonly invoice: string;
  /** Null for a guest. */
  readonly customer: string | null;
  readonly sku: string;
  readonly quantity: number;
  /** Milliseconds since the epoch, by the shop's own clock on the wall. */
  readonly at: number;
}

/** The sales of articles in chunks, by rising id. */
export async function* streamSales(client: Queryable, chunk: number): AsyncGenerator<PastPurchase[]> {
  for (let after = ''; ;) {
    const { rows } = await client.query<PastPurchase & { id: string }>({
      name: 'analytics-sales',
      text: `select id, source, invoice, customer, sku, quantity,
               (extract(epoch from ordered_at at time zone 'UTC') * 1000)::float8 as at
             from past_order_lines where id > $1 and kind = 'sale' and is_product and quantity > 0 order by id limit $2`,
      values: [after, chunk],
    });
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.id;
  }
}
