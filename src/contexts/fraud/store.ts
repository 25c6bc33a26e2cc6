import type pg from 'pg';
import type { Money } from '../../kernel/money';
import type { Score, Velocity } from './rules';
import type { ReviewState, ReviewView } from './schemas';

export type Queryable = Pick<pg.ClientBase, 'query'>;

/** Digests of who buys and where it goes. */
export interface Keys {
  readonly customer: string | null;
  readonly destination: string;
}

/** Advisory lock space of the velocity keys: the first key of two. */
const VELOCITY_LOCKS = 7710;

/**
 * Lets one transaction at a time count and add orders with these keys: two at the same moment would not see each other. Until the
 * end of the transaction; locked in one order, whoever has which key, so that nobody waits in a circle.
 */
export async function lockVelocity(client: Queryable, { customer, destination }: Keys): Promise<void> {
  await client.query({
    name: 'fraud-velocity-lock',
    text: `select pg_advisory_xact_lock($1, key) from (
             select distinct hashtext(name) as key from unnest($2::text[]) as name order by key) as keys`,
    values: [VELOCITY_LOCKS, [...(customer === null ? [] : [`customer ${customer}`]), `destination ${destination}`]],
  });
}

/** Orders with the same keys in the hour before now. */
export async function countRecent(client: Queryable, { customer, destination }: Keys): Promise<Velocity> {
  const { rows } = await client.query<Velocity>({
    name: 'fraud-velocity',
    text: `select
        (select count(*)::int from fraud_assessments
         where customer_key = $1 and created_at > clock_timestamp() - interval '1 hour') as "ofCustomer",
        (select count(*)::int from fraud_assessments
         where destination_key = $2 and created_at > clock_timestamp() - interval '1 hour') as "toDestination"`,
    values: [customer, destination],
  });
  return rows[0] as Velocity;
}

/** False when the order has been assessed before. */
export async function insertAssessment(
  client: Queryable,
  orderId: string,
  { customer, destination }: Keys,
  { amount, currency }: Money,
  { score, decision, reasons }: Score,
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'fraud-assess',
    text: `insert into fraud_assessments
             (order_id, customer_key, destination_key, amount, currency, score, decision, reasons, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp()) on conflict do nothing`,
    values: [orderId, customer, destination, amount, currency, score, decision, JSON.stringify(reasons)],
  });
  return rowCount === 1;
}

export async function findAssessment(
  client: Queryable,
  orderId: string,
): Promise<(Score & { readonly review: ReviewState | null }) | undefined> {
  const { rows } = await client.query<Score & { review: ReviewState | null }>({
    name: 'fraud-assessment',
    text: `select a.score, a.decision, a.reasons, r.state as review
           from fraud_assessments as a left join fraud_reviews as r using (order_id) where a.order_id = $1`,
    values: [orderId],
  });
  return rows[0];
}

const REVIEW = `r.id, r.order_id as "orderId", r.state, a.score, a.reasons, r.decided_by as "decidedBy", r.note, r.version,
  r.created_at as "createdAt", r.decided_at as "decidedAt"`;
type RawReview = Omit<ReviewView, 'createdAt' | 'decidedAt'> & { createdAt: Date; decidedAt: Date | null };
const toReview = (raw: RawReview): ReviewView => ({
  ...raw,
  createdAt: raw.createdAt.toISOString(),
  decidedAt: raw.decidedAt?.toISOString() ?? null,
});

export async function insertReview(client: Queryable, id: string, orderId: string): Promise<void> {
  await client.query('insert into fraud_reviews (id, order_id) values ($1, $2)', [id, orderId]);
}

export async function findReview(client: Queryable, id: string): Promise<ReviewView | undefined> {
  const { rows } = await client.query<RawReview>(
    `select ${REVIEW} from fraud_reviews as r join fraud_assessments as a using (order_id) where r.id = $1`,
    [id],
  );
  return rows[0] && toReview(rows[0]);
}

/** Ends an open review, named by its own id or by its order's. Undefined when none is open. */
export async function closeReview(
  client: Queryable,
  idOrOrder: string,
  { state, by, note }: { readonly state: ReviewState; readonly by: string; readonly note: string },
): Promise<ReviewView | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `update fraud_reviews set state = $2, decided_by = $3, note = $4, decided_at = clock_timestamp(), version = version + 1
     where (id = $1 or order_id = $1) and state = 'open' returning id`,
    [idOrOrder, state, by, note],
  );
  return rows[0] && findReview(client, rows[0].id);
}

/** Reviews, the oldest first, one more than `limit` where there is one. */
export async function listReviews(
  client: Queryable,
  { state, after, limit }: { readonly state: ReviewState; readonly after?: string; readonly limit: number },
): Promise<ReviewView[]> {
  const { rows } = await client.query<RawReview>(
    `select ${REVIEW} from fraud_reviews as r join fraud_assessments as a using (order_id)
     where r.state = $1 and ($2::text is null or r.id > $2) order by r.id limit $3`,
    [state, after ?? null, limit + 1],
  );
  return rows.map(toReview);
}
