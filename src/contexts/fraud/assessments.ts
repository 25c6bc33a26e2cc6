import { createHash } from 'node:crypto';
import { Problem } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { readCursor, toPage, type Page } from '../../kernel/pages';
import { together } from '../../platform/database';
import { appendEvents } from '../../platform/outbox';
import type pg from 'pg';
import { reviewChanged } from './events';
import type { Score, Scorer, Signals } from './rules';
import type { ReviewDecision, ReviewState, ReviewView } from './schemas';
import * as store from './store';

/** What is thought of an order; `review` is what a person decides, where one has to. */
export type Assessment = Score & { readonly review: ReviewState | null };

/**
 * Scores an order and keeps the score with its reasons, in the caller's transaction; a decision `review` opens one. Assessing
 * an order again answers what was found the first time.
 */
export async function assessOrder(client: pg.PoolClient, signals: Signals, scorer: Scorer): Promise<Assessment> {
  const before = await store.findAssessment(client, signals.orderId);
  if (before) return before;
  const keys = keysOf(signals);
  // Sent together, and counted when the lock is there: each statement sees what was committed before it began.
  const [, recent] = await together([store.lockVelocity(client, keys), store.countRecent(client, keys)]);
  const score = scorer(signals, recent);
  const added = await store.insertAssessment(client, signals.orderId, keys, signals.amount, score);
  if (added && score.decision === 'review') {
    const id = newId('rvw');
    await store.insertReview(client, id, signals.orderId);
    await appendEvents(client, [reviewChanged(await readReview(client, id))]);
  }
  if (added && score.decision !== 'review') return { ...score, review: null };
  return (await store.findAssessment(client, signals.orderId)) as Assessment;
}

/** Undefined where the order has not been assessed. */
export const readAssessment = (client: store.Queryable, orderId: string): Promise<Assessment | undefined> =>
  store.findAssessment(client, orderId);

/** Ends the review of an order that is cancelled anyway, if one is open. */
export async function withdrawReview(client: pg.PoolClient, orderId: string): Promise<void> {
  const review = await store.closeReview(client, orderId, { state: 'withdrawn', by: 'orders', note: '' });
  if (review) await appendEvents(client, [reviewChanged(review)]);
}

/**
 * Lets an order go on, or not. The same decision twice is one decision. Throws `not-found`, and `review-closed` when it was
 * decided otherwise or withdrawn.
 */
export async function decideReview(
  client: pg.PoolClient,
  id: string,
  { decision, note }: ReviewDecision,
  by: string,
): Promise<ReviewView> {
  const state = decision === 'accept' ? 'accepted' : 'rejected';
  const decided = await store.closeReview(client, id, { state, by, note });
  if (decided) await appendEvents(client, [reviewChanged(decided)]);
  const review = decided ?? (await readReview(client, id));
  if (review.state !== state) throw new Problem('review-closed', `The review is ${review.state}`);
  return review;
}

/** Throws `not-found`. */
export async function readReview(client: store.Queryable, id: string): Promise<ReviewView> {
  const review = await store.findReview(client, id);
  if (!review) throw new Problem('not-found', `There is no review ${id}`);
  return review;
}

/** One page of reviews, the oldest first. Throws `validation-failed` for a cursor of another list. */
export async function browseReviews(
  client: store.Queryable,
  { state, after, limit }: { readonly state: ReviewState; readonly after?: string | undefined; readonly limit: number },
): Promise<Page<ReviewView>> {
  const from = readCursor(after);
  const rows = await store.listReviews(client, {
    state,
    limit,
    ...(from === undefined ? {} : { after: from }),
  });
  return toPage(rows, limit, ({ id }) => [id]);
}

/** Digests, so that this context keeps nobody's address; written alike however a person writes them. */
function keysOf({ email, destination }: Signals): store.Keys {
  const digest = (...parts: string[]): string =>
    createHash('sha256')
      .update(parts.map((part) => part.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()).join('\n'))
      .digest('hex');
  const { lines, city, postcode, country } = destination;
  return {
    customer: email === null ? null : digest(email),
    destination: digest(...lines, city, postcode, country),
  };
}
