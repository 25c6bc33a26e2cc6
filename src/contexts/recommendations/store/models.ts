import type pg from 'pg';
import type { ModelView, Training } from '../schemas';

export type Queryable = Pick<pg.ClientBase, 'query'>;

/** A version that this process trains, under a lease. */
export interface Claim {
  readonly version: number;
  readonly fence: number;
  readonly attempts: number;
  readonly parameters: Training;
}

const time = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const COLUMNS = `version, state, note, requested_by as "requestedBy", parameters, progress, data, evaluation, drift, attempts,
  bytes::float8 as bytes, ${time('requested_at')} as "requestedAt", ${time('trained_at')} as "trainedAt",
  ${time('activated_at')} as "activatedAt"`;

/** The versions below `before`, the newest first. */
export async function listModels(client: Queryable, limit: number, before: number | undefined): Promise<ModelView[]> {
  const { rows } = await client.query<ModelView>(
    `select ${COLUMNS} from recommendation_models where $2::int is null or version < $2 order by version desc limit $1`,
    [limit, before ?? null],
  );
  return rows;
}

export async function findModel(client: Queryable, version: number): Promise<ModelView | undefined> {
  const { rows } = await client.query<ModelView>(`select ${COLUMNS} from recommendation_models where version = $1`, [
    version,
  ]);
  return rows[0];
}

export async function findInState(client: Queryable, state: 'active' | 'training'): Promise<ModelView | undefined> {
  const { rows } = await client.query<ModelView>({
    name: 'recommendations-in-state',
    text: `select ${COLUMNS} from recommendation_models where state = $1`,
    values: [state],
  });
  return rows[0];
}

/** How many seconds ago the last training was asked for; undefined where none ever was. */
export async function secondsSinceLast(client: Queryable): Promise<number | undefined> {
  const { rows } = await client.query<{ age: number | null }>(
    `select extract(epoch from clock_timestamp() - max(requested_at))::float8 as age from recommendation_models`,
  );
  return rows[0]?.age ?? undefined;
}

/** Asks for a training. Undefined where one is asked for or under way already. */
export async function insertModel(
  client: Queryable,
  requestedBy: string,
  parameters: Training,
): Promise<ModelView | undefined> {
  const { rows } = await client.query<ModelView>(
    `insert into recommendation_models (requested_by, parameters, requested_at) values ($1, $2, clock_timestamp())
     on conflict (state) where state = 'training' do nothing returning ${COLUMNS}`,
    [requestedBy, JSON.stringify(parameters)],
  );
  return rows[0];
}

/** Takes the training that waits, or whose worker has been silent for longer than its lease. */
export async function claimTraining(client: Queryable, leaseMs: number): Promise<Claim | undefined> {
  const { rows } = await client.query<Claim>(
    `update recommendation_models set fence = fence + 1, attempts = attempts + 1, progress = null,
       lease_until = clock_timestamp() + $1 * interval '1 millisecond'
     where version = (select version from recommendation_models where state = 'training'
       and (lease_until is null or lease_until <= clock_timestamp()) for update skip locked)
     returning version, fence, attempts, parameters`,
    [leaseMs],
  );
  return rows[0];
}

/** Renews the lease and says how far it is. False when another worker has taken the training over, not where it has just ended. */
export async function renewLease(
  client: Queryable,
  { version, fence }: Claim,
  leaseMs: number,
  progress: NonNullable<ModelView['progress']>,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update recommendation_models set lease_until = clock_timestamp() + $3 * interval '1 millisecond', progress = $4
     where version = $1 and fence = $2 and state = 'training'`,
    [version, fence, leaseMs, JSON.stringify(progress)],
  );
  if (rowCount === 1) return true;
  const { rowCount: ended } = await client.query(
    'select from recommendation_models where version = $1 and fence = $2',
    [version, fence],
  );
  return ended === 1;
}

/** Gives the training back at once: at a shutdown, or, with a note that says so, after an attempt that failed. */
export async function releaseLease(client: Queryable, { version, fence }: Claim, note?: string): Promise<void> {
  await client.query(
    `update recommendation_models set lease_until = null, progress = null, note = coalesce($3, note)
     where version = $1 and fence = $2 and state = 'training'`,
    [version, fence, note ?? null],
  );
}

export async function failTraining(client: Queryable, { version, fence }: Claim, note: string): Promise<void> {
  await client.query(
    `update recommendation_models set state = 'failed', note = $3, lease_until = null, progress = null
     where version = $1 and fence = $2 and state = 'training'`,
    [version, fence, note],
  );
}

/** Makes a trained version a candidate, with what is known of it. False when another worker has taken the training over. */
export async function finishTraining(
  client: Queryable,
  { version, fence }: Claim,
  known: Pick<ModelView, 'parameters' | 'data' | 'evaluation' | 'drift' | 'bytes' | 'note'>,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update recommendation_models set state = 'candidate', trained_at = clock_timestamp(), lease_until = null, progress = null,
       parameters = $3, data = $4, evaluation = $5, drift = $6, bytes = $7, note = $8
     where version = $1 and fence = $2 and state = 'training'`,
    [
      version,
      fence,
      JSON.stringify(known.parameters),
      JSON.stringify(known.data),
      JSON.stringify(known.evaluation),
      JSON.stringify(known.drift),
      known.bytes,
      known.note,
    ],
  );
  return rowCount === 1;
}

/** Puts a version in the place of the active one, in the caller's transaction. False unless it is a candidate or was retired. */
export async function activateModel(client: pg.PoolClient, version: number, note: string): Promise<boolean> {
  // One after the other: two at once would each retire what the other does not see yet.
  await client.query('select pg_advisory_xact_lock(7730, 1)');
  const { rows } = await client.query<{ state: string }>(
    'select state from recommendation_models where version = $1 for update',
    [version],
  );
  const state = rows[0]?.state;
  if (state === 'active') return true;
  if (state !== 'candidate' && state !== 'retired') return false;
  await client.query(`update recommendation_models set state = 'retired' where state = 'active'`);
  await client.query(
    `update recommendation_models set state = 'active', note = $2, activated_at = clock_timestamp() where version = $1`,
    [version, note],
  );
  return true;
}

/** Removes the files of versions that nobody will go back to: all but the newest `keep` and the active one. */
export async function deleteOldParts(client: Queryable, keep: number): Promise<void> {
  await client.query(
    `delete from recommendation_model_parts where version not in (
       select version from recommendation_models where state in ('active', 'training')
       union (select version from recommendation_models where state in ('candidate', 'retired')
         order by version desc limit $1))`,
    [keep],
  );
}

export async function hasParts(client: Queryable, version: number): Promise<boolean> {
  const { rowCount } = await client.query('select from recommendation_model_parts where version = $1 limit 1', [
    version,
  ]);
  return rowCount === 1;
}

export async function deleteParts(client: Queryable, version: number): Promise<void> {
  await client.query('delete from recommendation_model_parts where version = $1', [version]);
}

export async function insertPart(client: Queryable, version: number, part: number, bytes: Buffer): Promise<void> {
  await client.query('insert into recommendation_model_parts (version, part, bytes) values ($1, $2, $3)', [
    version,
    part,
    bytes,
  ]);
}

/** At most `length` bytes of a part from an offset on, which PostgreSQL reads without the rest; undefined where there is no such part. */
export async function readPart(
  client: Queryable,
  version: number,
  part: number,
  { from, length }: { readonly from: number; readonly length: number },
): Promise<Buffer | undefined> {
  const { rows } = await client.query<{ bytes: Buffer }>({
    name: 'recommendations-part',
    text: `select substring(bytes from $3::int + 1 for $4::int) as bytes from recommendation_model_parts
      where version = $1 and part = $2`,
    values: [version, part, from, length],
  });
  return rows[0]?.bytes;
}
