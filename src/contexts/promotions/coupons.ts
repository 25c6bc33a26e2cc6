import { createHash } from 'node:crypto';
import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import type { Money } from '../../kernel/money';
import { readCursor, toPage, type Page } from '../../kernel/pages';
import { appendAtCommit } from '../../platform/outbox';
import { holdoutBegun, holdoutEnded } from './events';
import { problemOf, sentenceOf, type CouponProblem, type CouponTerms } from './rules';
import type { CouponChange, CouponView, NewCoupon } from './schemas';
import * as store from './store/coupons';

/** A coupon that a customer may put into a cart. Throws `coupon-not-applicable` for one that no basket could use now. */
export async function findCoupon(client: store.Queryable, code: string, group: string | null): Promise<CouponTerms> {
  const coupon = await store.findTerms(client, code);
  const problem = coupon ? problemOf(coupon, group) : 'unknown';
  if (problem || !coupon) throw notApplicable(code, problem ?? 'unknown');
  return coupon;
}

/** A coupon as it is now, whatever may be wrong with it: hold it against a basket with `assess`. */
export const lookUpCoupon = (client: store.Queryable, code: string): Promise<CouponTerms | undefined> =>
  store.findTerms(client, code);

/** One use of a coupon, by an order. */
export interface Redemption {
  readonly couponId: string;
  readonly code: string;
  readonly orderId: string;
  /** What it took off. */
  readonly amount: Money;
  /** Whose use it is: the e-mail address, or where there is none something else that stands for the customer. */
  readonly customer: { readonly email: string } | { readonly other: string };
}

/**
 * Uses a coupon up by one, in the caller's transaction, by conditional UPDATEs: it ends with the transaction, and nobody gets in
 * between. A coupon that has expired since the price was promised is still honoured; one that was ended is not. Throws
 * `coupon-not-applicable` when no use is left, in all or for this customer.
 */
export async function redeemCoupon(client: pg.PoolClient, redemption: Redemption): Promise<void> {
  const end = await store.redeem(client, { ...redemption, customerKey: customerKey(redemption.customer) });
  if (end !== 'redeemed') throw notApplicable(redemption.code, end);
}

/** Gives an order's use back, in the caller's transaction. Twice is once; an order without one changes nothing. */
export const returnCoupon = (client: pg.PoolClient, orderId: string): Promise<void> => store.giveBack(client, orderId);

/** Not the address itself: it is enough to know it again. */
function customerKey(customer: Redemption['customer']): string {
  if ('other' in customer) return `other:${customer.other}`;
  return `email:${createHash('sha256').update(customer.email.trim().toLowerCase()).digest('hex')}`;
}

/** Throws `conflict` where another coupon has the code. */
export async function createCoupon(client: pg.PoolClient, input: NewCoupon): Promise<CouponView> {
  const made = await store.insertCoupon(client, newId('cpn'), input);
  if (!made) throw new Problem('conflict', `There is a coupon ${input.code} already`);
  if (made.holdoutPercent !== '0') await appendAtCommit(client, [holdoutBegun(made.id)]);
  return made;
}

/** Throws `not-found`. */
export async function readCoupon(client: store.Queryable, id: string): Promise<CouponView> {
  const [coupon] = await store.listCoupons(client, { id, limit: 1 });
  if (!coupon) throw new Problem('not-found', `There is no coupon ${id}`);
  return coupon;
}

/** One page of coupons, the youngest first. Throws `validation-failed` for a cursor of another list. */
export async function browseCoupons(
  client: store.Queryable,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<Page<CouponView>> {
  const before = readCursor(after);
  const rows = await store.listCoupons(client, { limit, ...(before !== undefined && { before }) });
  return toPage(rows, limit, ({ id }) => [id]);
}

/** Changes what may be changed. Throws `not-found`, `precondition-failed`, and `conflict` for a limit below what is used. */
export async function changeCoupon(
  client: pg.PoolClient,
  id: string,
  change: CouponChange,
  expected: number | undefined,
): Promise<CouponView> {
  const before = await readCoupon(client, id);
  if (expected !== undefined && before.version !== expected)
    throw new Problem('precondition-failed', `The version is now ${before.version}, not ${expected}: read it again`);
  const after = await store.updateCoupon(client, before, change);
  if (after) {
    if (store.endsHoldout(before, change)) await appendAtCommit(client, [holdoutEnded(id)]);
    return after;
  }
  const { version, redeemed } = await readCoupon(client, id);
  if (version !== before.version)
    throw new Problem('precondition-failed', `The version is now ${version}, not ${before.version}: read it again`);
  throw new Problem('conflict', `It has been used ${redeemed} times already: its limit cannot be lower`);
}

/** Removes a coupon that nobody has used. Throws `not-found`, and `conflict` for one that was, or is measured: it can be ended. */
export async function deleteCoupon(client: pg.PoolClient, id: string): Promise<void> {
  await readCoupon(client, id);
  if (!(await store.removeCoupon(client, id)))
    throw new Problem(
      'conflict',
      'It has been used, or measured with a holdout, and what came of that is kept: end it instead',
    );
}

function notApplicable(code: string, problem: CouponProblem): Problem {
  const detail = sentenceOf(problem);
  return new Problem('coupon-not-applicable', `${detail}: ${code}`, {
    violations: [{ pointer: '/code', code: problem, detail }],
  });
}
