import type { ModelOutcome } from '../pipeline/outcomes';
import type { Queryable } from './past-orders';

export const RUN_STATES = ['queued', 'running', 'succeeded', 'failed'] as const;
export type RunState = (typeof RUN_STATES)[number];
export type Trigger = 'schedule' | 'admin' | 'command';

/** One pass of export, models and tests. */
export interface Run {
  readonly id: string;
  readonly state: RunState;
  readonly trigger: Trigger;
  readonly progress: string;
  readonly error: string | null;
  readonly models: readonly ModelOutcome[];
  /** Rows that went into the archive, by dataset. */
  readonly exported: Readonly<Record<string, number>>;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const COLUMNS = `id, state, trigger, progress, error, models, exported, queued_at as "queuedAt", started_at as "startedAt",
  finished_at as "finishedAt"`;

/** A run that waits: a new one, or the one that waits already. */
export async function enqueueRun(client: Queryable, id: string, trigger: Trigger): Promise<Run> {
  for (;;) {
    const { rows } = await client.query<Run>(
      `with added as (
         insert into analytics_runs (id, trigger) values ($1, $2)
         on conflict (state) where state = 'queued' do nothing returning ${COLUMNS})
       select * from added union all select ${COLUMNS} from analytics_runs where state = 'queued' limit 1`,
      [id, trigger],
    );
    // Another's that was taken between the two looks: then there is room for ours.
    if (rows[0]) return rows[0];
  }
}

/** Takes the run that waits. Those that still call themselves running were cut off: the caller holds the lock of all runs. */
export async function takeQueued(client: Queryable): Promise<Run | undefined> {
  await client.query(
    `update analytics_runs set state = 'failed', error = 'interrupted', finished_at = clock_timestamp() where state = 'running'`,
  );
  const { rows } = await client.query<Run>(
    `update analytics_runs set state = 'running', started_at = clock_timestamp() where state = 'queued' returning ${COLUMNS}`,
  );
  return rows[0];
}

export async function noteProgress(client: Queryable, id: string, progress: string): Promise<void> {
  await client.query('update analytics_runs set progress = $2 where id = $1', [id, progress]);
}

export async function finishRun(
  client: Queryable,
  { id, error, models, exported }: Pick<Run, 'id' | 'error' | 'models' | 'exported'>,
): Promise<void> {
  await client.query(
    `update analytics_runs set state = case when $2::text is null then 'succeeded' else 'failed' end, error = $2, models = $3,
       exported = $4, progress = '', finished_at = clock_timestamp() where id = $1`,
    [id, error, JSON.stringify(models), JSON.stringify(exported)],
  );
}

export async function findRun(client: Queryable, id: string): Promise<Run | undefined> {
  const { rows } = await client.query<Run>(`select ${COLUMNS} from analytics_runs where id = $1`, [id]);
  return rows[0];
}

/** Runs, the youngest first, one more than `limit` where there is one. */
export async function listRuns(client: Queryable, before: string | undefined, limit: number): Promise<Run[]> {
  const { rows } = await client.query<Run>(
    `select ${COLUMNS} from analytics_runs where $1::text is null or id < $1 order by id desc limit $2`,
    [before ?? null, limit + 1],
  );
  return rows;
}

/** How runs stand. */
export interface Schedule {
  readonly queued: boolean;
  /** Since the last one ended, by the database's clock. */
  readonly secondsSince: number | null;
  /** When one last succeeded, in seconds since the epoch. */
  readonly succeededAt: number | null;
}

export async function readSchedule(client: Queryable): Promise<Schedule> {
  const { rows } = await client.query<Schedule>(
    `select count(*) filter (where state = 'queued') > 0 as queued,
       extract(epoch from clock_timestamp() - max(finished_at) filter (where error is distinct from 'interrupted'))::float8
         as "secondsSince",
       extract(epoch from max(finished_at) filter (where state = 'succeeded'))::float8 as "succeededAt"
     from analytics_runs`,
  );
  return rows[0] ?? { queued: false, secondsSince: null, succeededAt: null };
}

/** The version of a mart that is served. */
export interface Mart {
  readonly name: string;
  readonly runId: string;
  /** Relative to the analytics folder. */
  readonly file: string;
  readonly rows: number;
  /** ISO 8601 without a zone: by the shop's wall. */
  readonly dataUntil: string | null;
  readonly publishedAt: Date;
}

export async function listMarts(client: Queryable): Promise<Mart[]> {
  const { rows } = await client.query<Mart>(
    `select name, run_id as "runId", file, rows::float8 as rows, to_char(data_until, 'YYYY-MM-DD"T"HH24:MI:SS') as "dataUntil",
       published_at as "publishedAt" from analytics_marts order by name`,
  );
  return rows;
}

/** Serves these versions from now on: all of them in one statement. */
export async function publishMarts(
  client: Queryable,
  marts: readonly Pick<Mart, 'name' | 'runId' | 'file' | 'rows' | 'dataUntil'>[],
): Promise<void> {
  await client.query(
    `insert into analytics_marts (name, run_id, file, rows, data_until)
     select name, "runId", file, rows, "dataUntil" from json_to_recordset($1::json)
       as mart(name text, "runId" text, file text, rows bigint, "dataUntil" timestamp) order by name
     on conflict (name) do update set run_id = excluded.run_id, file = excluded.file, rows = excluded.rows,
       data_until = excluded.data_until, published_at = clock_timestamp()`,
    [JSON.stringify(marts)],
  );
}

/** A test of a model that failed, until it passes. */
export interface Alert {
  readonly id: number;
  readonly model: string;
  readonly test: string;
  readonly detail: string;
  readonly runId: string;
  readonly raisedAt: Date;
  readonly seenAt: Date;
  readonly resolvedAt: Date | null;
}

export interface Failure {
  readonly model: string;
  readonly test: string;
  readonly detail: string;
}

/**
 * Raises an alert for each failure, or says that it is seen again, and resolves those of other tests of the models that this run
 * tested. Resolves to what is new.
 */
export async function noteAlerts(
  client: Queryable,
  runId: string,
  tested: readonly string[],
  failures: readonly Failure[],
): Promise<Failure[]> {
  await client.query(
    `update analytics_alerts set resolved_at = clock_timestamp()
     where resolved_at is null and model = any($1::text[]) and (model, test) not in (
       select model, test from json_to_recordset($2::json) as failed(model text, test text))`,
    [tested, JSON.stringify(failures)],
  );
  const { rows } = await client.query<Failure & { fresh: boolean }>(
    `insert into analytics_alerts (model, test, detail, run_id)
     select model, test, detail, $1 from json_to_recordset($2::json) as failed(model text, test text, detail text)
     on conflict (model, test) where resolved_at is null
       do update set detail = excluded.detail, run_id = excluded.run_id, seen_at = clock_timestamp()
     returning model, test, detail, xmax = 0 as fresh`,
    [runId, JSON.stringify(failures)],
  );
  return rows.filter(({ fresh }) => fresh).map(({ model, test, detail }) => ({ model, test, detail }));
}

export async function listAlerts(client: Queryable, limit: number): Promise<Alert[]> {
  const { rows } = await client.query<Alert>(
    `select id::float8 as id, model, test, detail, run_id as "runId", raised_at as "raisedAt", seen_at as "seenAt",
       resolved_at as "resolvedAt" from analytics_alerts order by resolved_at is not null, id desc limit $1`,
    [limit],
  );
  return rows;
}

export async function countOpenAlerts(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    'select count(*)::int as n from analytics_alerts where resolved_at is null',
  );
  return rows[0]?.n ?? 0;
}

/** Advisory lock space of analytics. */
const ANALYTICS_LOCKS = 7740;

/** Lets one process at a time export and build, for as long as this connection lives. False when another one does. */
export async function tryLockRuns(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1, 1) as taken', [
    ANALYTICS_LOCKS,
  ]);
  return rows[0]?.taken === true;
}

export async function unlockRuns(client: Queryable): Promise<void> {
  await client.query('select pg_advisory_unlock($1, 1)', [ANALYTICS_LOCKS]);
}
