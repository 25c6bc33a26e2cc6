import { newId } from '../../kernel/ids';
import type { Database } from '../../platform/database';
import type { Log } from '../../platform/log';
import { parseAuthoriseKey, type BookedPayment, type Gateway } from './gateway';
import { compareBooks, missingThere } from './reconciliation-rules';
import type { Difference } from './schemas';
import * as store from './store/reconciliations';

export interface ReconciliationOptions {
  /** Payments that changed so recently are left to the next comparison: their news may be on the way. Default 10 minutes. */
  readonly graceMs?: number;
  /** How far back it looks. Default 35 days: refunds and late confirmations are over by then. */
  readonly windowMs?: number;
}

export interface ReconciliationDependencies {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly gateway: Gateway;
  readonly log: Log;
}

export interface Findings {
  compared: number;
  skipped: number;
  /** How many differences there are; `differences` has the first MOST_LISTED of them. */
  found: number;
  readonly differences: Difference[];
}

/** With the wrong account every payment differs: nobody reads them all, and no row or answer is to hold them all. */
export const MOST_LISTED = 1_000;

const DAY_MS = 86_400_000;
const BATCH = 500;

/** Compares the provider's books with ours, row by row, from the side of each. */
export async function compare(
  { database, gateway }: Omit<ReconciliationDependencies, 'log'>,
  { graceMs = 600_000, windowMs = 35 * DAY_MS }: ReconciliationOptions,
  signal: AbortSignal,
): Promise<Findings> {
  const now = await store.readNow(database.pool);
  const since = new Date(now - windowMs);
  const findings: Findings = { compared: 0, skipped: 0, found: 0, differences: [] };
  const list = (...differences: Difference[]): void => {
    findings.found += differences.length;
    findings.differences.push(...differences.slice(0, MOST_LISTED - findings.differences.length));
  };
  const seen = new Set<string>();
  for await (const page of batches(gateway.books(since, signal))) {
    const own = await store.findOwn(
      database.pool,
      gateway.provider,
      graceMs,
      page.map(({ providerId, key }) => ({ providerId, ...parseAuthoriseKey(key) })),
    );
    for (const booked of page) {
      seen.add(booked.providerId);
      const ours = own.get(booked.providerId);
      if (ours?.fresh || booked.updatedAt.getTime() > now - graceMs) findings.skipped++;
      else {
        findings.compared++;
        list(...compareBooks(ours, booked));
      }
    }
  }
  // Ours were begun a little earlier than theirs: the first hour of the window may be theirs of before it.
  const begun = new Date(since.getTime() + 3_600_000);
  for (let after = ''; ;) {
    const page = await store.listOwn(database.pool, gateway.provider, graceMs, { since: begun, after, limit: BATCH });
    for (const ours of page) if (!ours.fresh && !seen.has(ours.providerId ?? '')) list(missingThere(ours));
    if (page.length < BATCH) return findings;
    after = page.at(-1)?.id ?? '';
  }
}

async function* batches(books: AsyncIterable<BookedPayment>): AsyncIterable<BookedPayment[]> {
  let batch: BookedPayment[] = [];
  for await (const booked of books) {
    batch.push(booked);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * Makes one comparison if one was asked for, or none was for a day. True when it made one: there may be more to do. Throws what
 * kept it from ending, after it was written down.
 */
export async function reconcileIfDue(
  dependencies: ReconciliationDependencies,
  options: ReconciliationOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { database, gateway, log } = dependencies;
  await database.transaction((client) => store.insertDaily(client, newId('rcn'), gateway.provider));
  const id = await store.claimReconciliation(database.pool, gateway.provider);
  if (id === undefined) return false;
  try {
    const findings = await compare(dependencies, options, signal);
    await store.endReconciliation(database.pool, id, findings);
    const { compared, skipped, found } = findings;
    const summary = { reconciliation: id, compared, skipped, differences: found };
    if (found > 0) log.error(summary, 'The books of the payment provider and ours differ');
    else log.info(summary, 'The books of the payment provider and ours agree');
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await store.endReconciliation(database.pool, id, {
      compared: 0,
      skipped: 0,
      found: 0,
      differences: [],
      error: message,
    });
    throw error;
  }
}
