import type pg from 'pg';
import type { Line } from '../../kernel/lines';
import type { FxSnapshotView, NewFxSnapshot, NewPriceList, PriceListView, QuoteView } from './schemas';
import { percentToPpm, ppmToPercent } from './rules';

export type Queryable = Pick<pg.ClientBase, 'query'>;

/** A unit price that a list has for a sku at a quantity. */
export interface ListPrice {
  readonly sku: string;
  readonly amount: number;
  readonly minQuantity: number;
  readonly list: string;
}

const VALID = `l.currency = $1 and (l.customer_group is null or l.customer_group = $2)
  and l.valid_from <= clock_timestamp() and (l.valid_until is null or l.valid_until > clock_timestamp())`;

/**
 * The unit price of each line that a list valid now has one for. A list for the customer's group goes before one for everybody,
 * a younger one before an older; within a list the greatest quantity that is reached decides.
 */
export async function findListPrices(
  client: Queryable,
  currency: string,
  group: string | null,
  lines: readonly Line[],
): Promise<Map<string, ListPrice>> {
  const { rows } = await client.query<Omit<ListPrice, 'amount'> & { amount: string }>({
    name: 'pricing-list-prices',
    text: `select distinct on (p.sku) p.sku, p.amount, p.min_quantity as "minQuantity", l.name as list
           from unnest($3::text[], $4::int[]) as want(sku, quantity)
           join prices as p on p.sku = want.sku and p.min_quantity <= want.quantity
           join price_lists as l on l.id = p.price_list_id and ${VALID}
           order by p.sku, l.customer_group is null, l.valid_from desc, l.id desc, p.min_quantity desc`,
    values: [currency, group, lines.map(({ sku }) => sku), lines.map(({ quantity }) => quantity)],
  });
  return new Map(rows.map((row) => [row.sku, { ...row, amount: Number(row.amount) }]));
}

/** The greatest discount that a list valid now gives on a whole order. */
export async function findDiscount(
  client: Queryable,
  currency: string,
  group: string | null,
): Promise<{ readonly ppm: number; readonly list: string } | undefined> {
  const { rows } = await client.query<{ ppm: number; list: string }>({
    name: 'pricing-discount',
    text: `select l.discount_ppm as ppm, l.name as list from price_lists as l
           where l.discount_ppm > 0 and ${VALID} order by l.discount_ppm desc, l.id limit 1`,
    values: [currency, group],
  });
  return rows[0];
}

export async function insertPriceList(client: pg.ClientBase, id: string, input: NewPriceList): Promise<void> {
  await client.query(
    `insert into price_lists (id, name, currency, customer_group, discount_ppm, valid_from, valid_until)
     values ($1, $2, $3, $4, $5, coalesce($6, clock_timestamp()), $7)`,
    [
      id,
      input.name,
      input.currency,
      input.customerGroup,
      percentToPpm(input.discountPercent),
      input.validFrom ?? null,
      input.validUntil,
    ],
  );
  await client.query(
    `insert into prices (price_list_id, sku, min_quantity, amount)
     select $1, * from unnest($2::text[], $3::int[], $4::bigint[])`,
    [
      id,
      input.prices.map(({ sku }) => sku),
      input.prices.map(({ minQuantity }) => minQuantity),
      input.prices.map(({ amount }) => amount),
    ],
  );
}

type RawList = Omit<PriceListView, 'validFrom' | 'validUntil' | 'discountPercent'> & {
  discountPpm: number;
  validFrom: Date;
  validUntil: Date | null;
};

/** Lists with their prices, the youngest first; one of them when an id is given. One more than `limit` where there is one. */
export async function listPriceLists(
  client: Queryable,
  { id, before, limit }: { readonly id?: string; readonly before?: string; readonly limit: number },
): Promise<PriceListView[]> {
  const { rows } = await client.query<RawList>(
    `select l.id, l.name, l.currency, l.customer_group as "customerGroup", l.discount_ppm as "discountPpm",
       l.valid_from as "validFrom", l.valid_until as "validUntil",
       coalesce((select json_agg(json_build_object('sku', sku, 'minQuantity', min_quantity, 'amount', amount)
         order by sku, min_quantity) from prices where price_list_id = l.id), '[]') as prices
     from price_lists as l where ($1::text is null or l.id = $1) and ($2::text is null or l.id < $2)
     order by l.id desc limit $3`,
    [id ?? null, before ?? null, limit + 1],
  );
  return rows.map(({ discountPpm, validFrom, validUntil, ...list }) => ({
    ...list,
    discountPercent: ppmToPercent(discountPpm),
    validFrom: validFrom.toISOString(),
    validUntil: validUntil?.toISOString() ?? null,
  }));
}

export async function insertSnapshot(client: Queryable, id: string, input: NewFxSnapshot): Promise<void> {
  await client.query('insert into fx_snapshots (id, base, source, taken_on, rates) values ($1, $2, $3, $4, $5)', [
    id,
    input.base,
    input.source,
    input.takenOn,
    JSON.stringify({ ...input.rates, [input.base]: '1' }),
  ]);
}

/** The snapshot of the latest day; of several of one day the one that was added last. */
export async function findLatestSnapshot(client: Queryable): Promise<FxSnapshotView | undefined> {
  const { rows } = await client.query<FxSnapshotView>({
    name: 'pricing-latest-snapshot',
    text: `select id, base, source, taken_on::text as "takenOn", rates from fx_snapshots
           order by taken_on desc, created_at desc, id desc limit 1`,
  });
  return rows[0];
}

export type QuoteDocument = Omit<QuoteView, 'id' | 'createdAt' | 'expiresAt'>;
type Stamps = { createdAt: Date; expiresAt: Date };

/** A quote with what only the shop sees of it. */
export interface StoredQuote extends QuoteView {
  /** Whose cart it is of, where coupons are measured; null without a cart. */
  readonly shopper: string | null;
}

export async function insertQuote(
  client: pg.ClientBase,
  id: string,
  document: QuoteDocument,
  {
    taxAdded,
    shopper,
    validSeconds,
  }: { readonly taxAdded: number; readonly shopper: string | null; readonly validSeconds: number },
): Promise<QuoteView> {
  const { rows } = await client.query<Stamps>({
    name: 'pricing-quote-insert',
    text: `insert into quotes (id, currency, subtotal, discount, tax, tax_added, total, document, fx_snapshot_id, shopper, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp() + $11 * interval '1 second')
           returning created_at as "createdAt", expires_at as "expiresAt"`,
    values: [
      id,
      document.currency,
      document.subtotal.amount,
      document.discount.amount,
      document.tax.amount,
      taxAdded,
      document.total.amount,
      JSON.stringify(document),
      document.fxSnapshot?.id ?? null,
      shopper,
      validSeconds,
    ],
  });
  return toQuote(id, document, rows[0] as Stamps);
}

/** Of these quotes those that there are, by id, each with whether its time is over by the database's clock. */
export async function findQuotes(
  client: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly quote: StoredQuote; readonly expired: boolean }>> {
  const { rows } = await client.query<
    Stamps & { id: string; document: QuoteDocument; shopper: string | null; expired: boolean }
  >({
    name: 'pricing-quotes',
    text: `select id, document, shopper, created_at as "createdAt", expires_at as "expiresAt",
             expires_at <= clock_timestamp() as expired from quotes where id = any($1)`,
    values: [ids],
  });
  return new Map(
    rows.map(({ id, document, shopper, expired, ...stamps }) => [
      id,
      { quote: { ...toQuote(id, document, stamps), shopper }, expired },
    ]),
  );
}

const toQuote = (id: string, document: QuoteDocument, { createdAt, expiresAt }: Stamps): QuoteView => ({
  id,
  ...document,
  // One from before there were coupons says nothing of them.
  coupon: (document.coupon as QuoteView['coupon'] | undefined) ?? null,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});
