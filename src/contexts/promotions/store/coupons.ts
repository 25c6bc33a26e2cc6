import type pg from 'pg';
import type { Money } from '../../../kernel/money';
import { judge, type Invariant, type Verdict } from '../../../platform/invariants';
import type { CouponTerms } from '../rules';
import type { CouponChange, CouponView, NewCoupon } from '../schemas';

export type Queryable = Pick<pg.ClientBase, 'query'>;

export async function findTerms(client: Queryable, code: string): Promise<CouponTerms | undefined> {
  const { rows } = await client.query<CouponTerms>({
    name: 'promotions-terms',
    text: `select id, code, name, percent_ppm as "percentPpm", amounts, minimums, customer_group as "customerGroup", state,
             valid_from <= clock_timestamp() as begun, coalesce(valid_until <= clock_timestamp(), false) as over,
             coalesce(redeemed >= limit_total, false) as "usedUp",
             case when holdout_ended_at is null then holdout_ppm else 0 end as "holdoutPpm"
           from coupons where code = $1`,
    values: [code],
  });
  return rows[0];
}

/**
 * One use for an order, if there is one left: the coupon's row counts all of them, `coupon_uses` those of a customer. When it says
 * that the customer has none left, the count of all has gone up: the transaction must not be committed.
 */
export async function redeem(
  client: pg.ClientBase,
  use: { readonly couponId: string; readonly orderId: string; readonly amount: Money; readonly customerKey: string },
): Promise<'redeemed' | 'used-up' | 'ended'> {
  const { rows } = await client.query<{ state: 'active' | 'ended'; taken: number; used: number }>({
    name: 'promotions-redeem',
    text: `
with taken as (
  update coupons set redeemed = redeemed + 1
  where id = $1 and state = 'active' and (limit_total is null or redeemed < limit_total)
  returning id, limit_per_customer
),
used as (
  insert into coupon_uses (coupon_id, customer_key, uses) select id, $2, 1 from taken
  on conflict (coupon_id, customer_key) do update set uses = coupon_uses.uses + 1
  where coupon_uses.uses < (select coalesce(limit_per_customer, 2147483647) from taken)
  returning coupon_id
),
redemption as (
  insert into coupon_redemptions (order_id, coupon_id, customer_key, amount, currency)
  select $3, coupon_id, $2, $4, $5 from used
)
select (select state from coupons where id = $1) as state, (select count(*)::int from taken) as taken,
  (select count(*)::int from used) as used`,
    values: [use.couponId, use.customerKey, use.orderId, use.amount.amount, use.amount.currency],
  });
  const { state, taken = 0, used = 0 } = rows[0] ?? {};
  if (used === 1) return 'redeemed';
  return taken === 0 && state !== 'active' ? 'ended' : 'used-up';
}

/** Gives an order's use back, once: the coupon before its uses, as they are taken. */
export async function giveBack(client: pg.ClientBase, orderId: string): Promise<void> {
  await client.query({
    name: 'promotions-give-back',
    text: `
with returned as (
  update coupon_redemptions set returned_at = clock_timestamp() where order_id = $1 and returned_at is null
  returning coupon_id, customer_key
),
freed as (
  update coupons as c set redeemed = redeemed - 1 from returned where c.id = returned.coupon_id returning c.id
)
update coupon_uses as u set uses = u.uses - 1 from returned, freed
where u.coupon_id = returned.coupon_id and u.customer_key = returned.customer_key`,
    values: [orderId],
  });
}

const COLUMNS = `id, code, name, percent_ppm as "percentPpm", amounts, minimums, customer_group as "customerGroup", state,
  valid_from as "validFrom", valid_until as "validUntil", limit_total as "limitTotal",
  limit_per_customer as "limitPerCustomer", case when holdout_ended_at is null then holdout_ppm else 0 end as "holdoutPpm",
  holdout_ended_at as "holdoutEndedAt", redeemed, version, created_at as "createdAt", updated_at as "updatedAt"`;
type Raw = Omit<
  CouponView,
  'percent' | 'holdoutPercent' | 'holdoutEndedAt' | 'validFrom' | 'validUntil' | 'createdAt' | 'updatedAt'
> & {
  percentPpm: number | null;
  holdoutPpm: number;
  holdoutEndedAt: Date | null;
  validFrom: Date;
  validUntil: Date | null;
  createdAt: Date;
  updatedAt: Date;
};
const toView = ({
  percentPpm,
  holdoutPpm,
  holdoutEndedAt,
  validFrom,
  validUntil,
  createdAt,
  updatedAt,
  ...raw
}: Raw): CouponView => ({
  ...raw,
  percent: percentPpm === null ? null : String(percentPpm / 10_000),
  holdoutPercent: String(holdoutPpm / 10_000),
  holdoutEndedAt: holdoutEndedAt?.toISOString() ?? null,
  validFrom: validFrom.toISOString(),
  validUntil: validUntil?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

/** Undefined where another coupon has the code. */
export async function insertCoupon(client: Queryable, id: string, coupon: NewCoupon): Promise<CouponView | undefined> {
  const { rows } = await client.query<Raw>(
    `insert into coupons (id, code, name, percent_ppm, amounts, minimums, customer_group, valid_from, valid_until, limit_total,
       limit_per_customer, holdout_ppm)
     values ($1, $2, $3, round($4::numeric * 10000), $5, $6, $7, coalesce($8, clock_timestamp()), $9, $10, $11,
       round($12::numeric * 10000))
     on conflict (code) do nothing returning ${COLUMNS}`,
    [
      id,
      coupon.code,
      coupon.name,
      coupon.percent,
      JSON.stringify(coupon.amounts),
      JSON.stringify(coupon.minimums),
      coupon.customerGroup,
      coupon.validFrom ?? null,
      coupon.validUntil,
      coupon.limitTotal,
      coupon.limitPerCustomer,
      coupon.holdoutPercent,
    ],
  );
  return rows[0] && toView(rows[0]);
}

/** The youngest first, one more than `limit` where there is one; one of them when an id is given. */
export async function listCoupons(
  client: Queryable,
  { id, before, limit }: { readonly id?: string; readonly before?: string; readonly limit: number },
): Promise<CouponView[]> {
  const { rows } = await client.query<Raw>(
    `select ${COLUMNS} from coupons where ($1::text is null or id = $1) and ($2::text is null or id < $2)
     order by id desc limit $3`,
    [id ?? null, before ?? null, limit + 1],
  );
  return rows.map(toView);
}

/** Whether a change gives a coupon to those who were held out of it. */
export const endsHoldout = ({ holdoutPercent }: CouponView, change: CouponChange): boolean =>
  change.holdoutPercent !== undefined && holdoutPercent !== '0';

/** Undefined where it has another version by now, or more uses than the new limit allows. */
export async function updateCoupon(
  client: Queryable,
  before: CouponView,
  change: CouponChange,
): Promise<CouponView | undefined> {
  const after = { ...before, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) };
  const { rows } = await client.query<Raw>(
    `update coupons set name = $3, valid_until = $4, limit_total = $5, limit_per_customer = $6, state = $7,
       holdout_ended_at = case when $8 then clock_timestamp() else holdout_ended_at end,
       version = version + 1, updated_at = clock_timestamp()
     where id = $1 and version = $2 and ($5::int is null or redeemed <= $5) returning ${COLUMNS}`,
    [
      ...[before.id, before.version, after.name, after.validUntil, after.limitTotal, after.limitPerCustomer],
      ...[after.state, endsHoldout(before, change)],
    ],
  );
  return rows[0] && toView(rows[0]);
}

/** False where it has been used, or held back from somebody: what came of that is counted. */
export async function removeCoupon(client: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `delete from coupons where id = $1 and redeemed = 0 and not exists (select from coupon_redemptions where coupon_id = $1)
       and not exists (select from coupon_exposures where coupon_id = $1)`,
    [id],
  );
  return rowCount === 1;
}

const USES: readonly Invariant[] = [
  {
    id: 'I11',
    says: 'a coupon was used as often as is counted, and no more often than it may be',
    broken: `select c.code from coupons as c
      left join (select coupon_id, count(*) as uses from coupon_redemptions where returned_at is null group by 1) as r on r.coupon_id = c.id
      where c.redeemed > coalesce(c.limit_total, c.redeemed) or c.redeemed <> coalesce(r.uses, 0)`,
  },
  {
    id: 'I11',
    says: 'a customer used a coupon as often as is counted, and no more often than they may',
    broken: `select c.code from coupon_uses as u join coupons as c on c.id = u.coupon_id
      where u.uses > coalesce(c.limit_per_customer, u.uses) or u.uses <> (select count(*) from coupon_redemptions as r
        where r.coupon_id = u.coupon_id and r.customer_key = u.customer_key and r.returned_at is null)`,
  },
];

/** Whether coupons were used as often as they may be. */
export const judgeCoupons = (client: Queryable): Promise<Verdict[]> => judge(client, USES);
