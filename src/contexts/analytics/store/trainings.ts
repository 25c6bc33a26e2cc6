import type pg from 'pg';
import type { Kind } from './models';

type Queryable = Pick<pg.ClientBase, 'query'>;

export const TRAINING_STATES = ['queued', 'running', 'succeeded', 'failed'] as const;

/** What became of one kind of model in a training. */
export interface TrainingOutcome {
  readonly kind: Kind;
  /** Null where no model came of it. */
  readonly modelId: string | null;
  /** Why it is in production, or not, or why there is none. */
  readonly verdict: string;
}

export interface Training {
  readonly id: string;
  readonly state: (typeof TRAINING_STATES)[number];
  readonly trigger: 'run' | 'admin';
  readonly source: string | null;
  readonly progress: string;
  readonly outcomes: readonly TrainingOutcome[];
  readonly error: string | null;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const COLUMNS = `id, state, trigger, source, progress, outcomes, error, queued_at as "queuedAt", started_at as "startedAt",
  finished_at as "finishedAt"`;

/** Advisory lock of the one training at a time: of the session, so that it goes when its process dies. */
const TRAINING_LOCK = 7732;

export async function tryLockTrainings(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
    TRAINING_LOCK,
  ]);
  return rows[0]?.locked === true;
}

export async function unlockTrainings(client: Queryable): Promise<void> {
  await client.query('select pg_advisory_unlock($1)', [TRAINING_LOCK]);
}

/** A training that waits: a new one, or the one that waits already. */
export async function enqueueTraining(client: Queryable, id: string, trigger: Training['trigger']): Promise<Training> {
  for (;;) {
    const { rows } = await client.query<Training>(
      `with added as (
         insert into analytics_trainings (id, trigger) values ($1, $2)
         on conflict (state) where state = 'queued' do nothing returning ${COLUMNS})
       select * from added union all select ${COLUMNS} from analytics_trainings where state = 'queued' limit 1`,
      [id, trigger],
    );
    // Another's that was taken between the two looks: then there is room for ours.
    if (rows[0]) return rows[0];
  }
}

/** What the next training depends on: whether one waits, what the last one learnt from, and how long ago it began. */
export async function readTrainingSchedule(
  client: Queryable,
): Promise<{ readonly queued: boolean; readonly lastSource: string | null; readonly secondsSince: number | null }> {
  const { rows } = await client.query<{ queued: boolean; lastSource: string | null; secondsSince: number | null }>(
    `select exists (select from analytics_trainings where state = 'queued') as queued, last.source as "lastSource",
       extract(epoch from clock_timestamp() - last.started_at)::float8 as "secondsSince"
     from (select 1) as one left join lateral (
       select source, started_at from analytics_trainings where started_at is not null
       order by started_at desc limit 1) as last on true`,
  );
  return rows[0] ?? { queued: false, lastSource: null, secondsSince: null };
}

/** Takes the training that waits. Those that call themselves running were cut off: the caller holds the lock of all trainings. */
export async function takeQueuedTraining(client: Queryable, source: string | null): Promise<Training | undefined> {
  await client.query(
    `update analytics_trainings set state = 'failed', error = 'interrupted', finished_at = clock_timestamp()
     where state = 'running'`,
  );
  const { rows } = await client.query<Training>(
    `update analytics_trainings set state = 'running', source = $1, started_at = clock_timestamp()
     where state = 'queued' returning ${COLUMNS}`,
    [source],
  );
  return rows[0];
}

export async function noteTraining(client: Queryable, id: string, progress: string): Promise<void> {
  await client.query('update analytics_trainings set progress = $2 where id = $1', [id, progress]);
}

/** Ends a training: with an error it has failed, without one it has done what could be done. */
export async function finishTraining(
  client: Queryable,
  { id, error, outcomes }: Pick<Training, 'id' | 'error' | 'outcomes'>,
): Promise<void> {
  await client.query(
    `update analytics_trainings set state = case when $2::text is null then 'succeeded' else 'failed' end, error = $2,
       outcomes = $3, progress = '', finished_at = clock_timestamp() where id = $1`,
    [id, error, JSON.stringify(outcomes)],
  );
}

export async function findTraining(client: Queryable, id: string): Promise<Training | undefined> {
  const { rows } = await client.query<Training>(`select ${COLUMNS} from analytics_trainings where id = $1`, [id]);
  return rows[0];
}

/** Trainings, the newest first, one more than `limit` where there is one. */
export async function listTrainings(client: Queryable, after: string | undefined, limit: number): Promise<Training[]> {
  const { rows } = await client.query<Training>(
    `select ${COLUMNS} from analytics_trainings where $1::text is null or id < $1 order by id desc limit $2`,
    [after ?? null, limit + 1],
  );
  return rows;
}
