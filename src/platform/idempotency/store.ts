import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import type { Flush } from '../database';
import type { Claim } from './claim';

/** An answer as it was sent: a replay is the same to the byte. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** SQLSTATE of a wait for a lock that lock_timeout ended. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Claims the key for this transaction, or resolves to the answer that was given under it. While another transaction holds
 * the key, this waits for its end: if it commits, its answer is ours; if it rolls back, the key is. Throws
 * `idempotency-key-in-flight` when that takes longer than lock_timeout, and `idempotency-key-reused`.
 */
export async function claimKey(client: pg.ClientBase, claim: Claim): Promise<StoredAnswer | undefined> {
  const { scope, key, requestHash } = claim;
  const claimed = await client
    .query({
      name: 'idempotency-claim',
      // The bound is for this wait alone: a reservation may well wait longer for a row that everybody wants.
      text: `insert into idempotency_keys (scope, key, request_hash) values ($1, $2, $3)
             on conflict do nothing returning set_config('lock_timeout', '0', true)`,
      values: [scope, key, requestHash],
    })
    .catch((error: unknown) => {
      throw (error as { code?: unknown }).code === LOCK_NOT_AVAILABLE ? inFlight(error) : error;
    });
  if (claimed.rowCount === 1) return undefined;
  const { rows } = await client.query<StoredAnswer & { requestHash: string }>({
    name: 'idempotency-read',
    text: `select request_hash as "requestHash", status, headers, body from idempotency_keys where scope = $1 and key = $2`,
    values: [scope, key],
  });
  const stored = rows[0];
  if (!stored) throw inFlight(); // swept in this very moment
  if (stored.requestHash !== requestHash)
    throw new Problem('idempotency-key-reused', 'This Idempotency-Key was sent before with another request');
  return stored;
}

/** An answer and the claim that it is kept for. */
export interface KeptAnswer {
  readonly claim: Claim;
  readonly answer: StoredAnswer;
}

/** Stores answers to claimed keys, to be committed together with what they tell of. */
export const keepAnswers: Flush<KeptAnswer> = (client, kept) =>
  client.query({
    name: 'idempotency-keep',
    text: `update idempotency_keys as k set status = kept.status, headers = kept.headers, body = kept.body
           from json_to_recordset($1) as kept(scope text, key text, status smallint, headers jsonb, body text)
           where k.scope = kept.scope and k.key = kept.key`,
    values: [
      JSON.stringify(
        kept.map(({ claim: { scope, key }, answer: { status, headers, body } }) => ({
          scope,
          key,
          status,
          headers,
          body,
        })),
      ),
    ],
  });

/**
 * Claims those of the keys that are new, for this transaction; resolves to which they are, in the order given. Waits for others who
 * have one of them, in one order, so that two who want the same keys do not wait for each other.
 */
export async function claimKeys(client: pg.ClientBase, claims: readonly Claim[]): Promise<boolean[]> {
  const { rows } = await client.query<{ scope: string; key: string }>({
    name: 'idempotency-claim-many',
    text: `insert into idempotency_keys (scope, key, request_hash)
           select * from unnest($1::text[], $2::text[], $3::text[]) as claim(scope, key, request_hash) order by scope, key
           on conflict do nothing returning scope, key`,
    values: [
      claims.map(({ scope }) => scope),
      claims.map(({ key }) => key),
      claims.map(({ requestHash }) => requestHash),
    ],
  });
  const mine = new Set(rows.map(nameOf));
  return claims.map((claim) => mine.has(nameOf(claim)));
}

/** What tells a claimed key from every other. */
export const nameOf = ({ scope, key }: Pick<Claim, 'scope' | 'key'>): string => `${scope}\n${key}`;

/** Gives keys back that this transaction has claimed, as if it never had. */
export const dropClaims: Flush<Claim> = (client, claims) =>
  client.query({
    name: 'idempotency-drop',
    text: `delete from idempotency_keys where (scope, key) in (select * from unnest($1::text[], $2::text[]))`,
    values: [claims.map(({ scope }) => scope), claims.map(({ key }) => key)],
  });

/** Removes keys older than `retentionMs` by the database's clock, at most `limit`. Resolves to how many. */
export async function removeOldKeys(
  client: Pick<pg.Pool, 'query'>,
  retentionMs: number,
  limit: number,
): Promise<number> {
  const { rowCount } = await client.query(
    `delete from idempotency_keys where (scope, key) in (
       select scope, key from idempotency_keys
       where created_at < clock_timestamp() - $1 * interval '1 millisecond' order by created_at limit $2)`,
    [retentionMs, limit],
  );
  return rowCount ?? 0;
}

const inFlight = (cause?: unknown): Problem =>
  new Problem('idempotency-key-in-flight', 'The first request with this key has not ended yet', {
    cause,
    retryAfter: 1,
  });
