import type { ExposureFact, HoldoutFact, RedemptionFact } from '../holdouts';
import type { Queryable } from './coupons';

/** False where it is noted already. */
export async function insertExposure(
  client: Queryable,
  exposure: Pick<ExposureFact, 'id' | 'couponId' | 'shopper' | 'variant'>,
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'promotions-expose',
    text: `insert into coupon_exposures (id, coupon_id, shopper, variant, exposed_at) values ($1, $2, $3, $4, clock_timestamp())
           on conflict (coupon_id, shopper) do nothing`,
    values: [exposure.id, exposure.couponId, exposure.shopper, exposure.variant],
  });
  return rowCount === 1;
}

type HoldoutRow = Omit<HoldoutFact, 'version' | 'begunAt' | 'endedAt'> & { begunAt: Date; endedAt: Date | null };

export async function listHoldouts(client: Queryable, couponIds: readonly string[]): Promise<HoldoutRow[]> {
  const { rows } = await client.query<HoldoutRow>(
    `select id as "couponId", code, name, round(holdout_ppm / 10000.0, 4)::text as "holdoutPercent", created_at as "begunAt",
       holdout_ended_at as "endedAt"
     from coupons where holdout_ppm > 0 and id = any($1::text[]) order by id`,
    [couponIds],
  );
  return rows;
}

type ExposureRow = Omit<ExposureFact, 'exposedAt'> & { exposedAt: Date };

export async function listExposures(client: Queryable, ids: readonly string[]): Promise<ExposureRow[]> {
  const { rows } = await client.query<ExposureRow>(
    `select id, coupon_id as "couponId", shopper, variant, exposed_at as "exposedAt"
     from coupon_exposures where id = any($1::text[]) order by id`,
    [ids],
  );
  return rows;
}

export async function listRedemptions(client: Queryable, orderIds: readonly string[]): Promise<RedemptionFact[]> {
  const { rows } = await client.query<RedemptionFact>({
    name: 'promotions-redemptions',
    text: `select order_id as "orderId", coupon_id as "couponId", amount::float8 as amount
           from coupon_redemptions where order_id = any($1::text[])`,
    values: [orderIds],
  });
  return rows;
}
