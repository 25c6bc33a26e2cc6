import type pg from 'pg';
import type { Variant } from '../../kernel/variants';
import type { ExperimentView, NewExperiment } from './schemas';

export type Queryable = Pick<pg.ClientBase, 'query'>;

type Row = Omit<ExperimentView, 'createdAt' | 'startedAt' | 'stoppedAt'> & {
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly stoppedAt: Date | null;
};
const COLUMNS = `key, name, metric, variants, state, version, created_at as "createdAt", started_at as "startedAt",
  stopped_at as "stoppedAt"`;
const viewOf = ({ createdAt, startedAt, stoppedAt, ...row }: Row): ExperimentView => ({
  ...row,
  createdAt: createdAt.toISOString(),
  startedAt: startedAt?.toISOString() ?? null,
  stoppedAt: stoppedAt?.toISOString() ?? null,
});

/** Undefined where the key is taken. */
export async function insertExperiment(client: Queryable, input: NewExperiment): Promise<ExperimentView | undefined> {
  const { rows } = await client.query<Row>(
    `insert into experiments (key, name, metric, variants) values ($1, $2, $3, $4)
     on conflict (key) do nothing returning ${COLUMNS}`,
    [input.key, input.name, input.metric, JSON.stringify(input.variants)],
  );
  return rows[0] && viewOf(rows[0]);
}

export async function findExperiment(client: Queryable, key: string): Promise<ExperimentView | undefined> {
  const { rows } = await client.query<Row>(`select ${COLUMNS} from experiments where key = $1`, [key]);
  return rows[0] && viewOf(rows[0]);
}

/** By key; one more than `limit` where there are more. */
export async function listExperiments(client: Queryable, after: string, limit: number): Promise<ExperimentView[]> {
  const { rows } = await client.query<Row>(
    `select ${COLUMNS} from experiments where key > $1 order by key limit $2 + 1`,
    [after, limit],
  );
  return rows.map(viewOf);
}

/** The variants of everything that runs. */
export async function listRunning(
  client: Queryable,
): Promise<{ readonly key: string; readonly variants: readonly Variant[] }[]> {
  const { rows } = await client.query<{ key: string; variants: Variant[] }>({
    name: 'experiments-running',
    text: `select key, variants from experiments where state = 'running' order by key`,
  });
  return rows;
}

/** Writes an experiment as it shall be; undefined when it is not at the version before any more. Starting and stopping take the time. */
export async function updateExperiment(
  client: Queryable,
  { key, name, metric, variants, state, version }: ExperimentView,
): Promise<ExperimentView | undefined> {
  const { rows } = await client.query<Row>(
    `update experiments set name = $3, metric = $4, variants = $5, state = $6, version = version + 1,
       started_at = case when $6 = 'draft' then null else coalesce(started_at, clock_timestamp()) end,
       stopped_at = case when $6 = 'stopped' then coalesce(stopped_at, clock_timestamp()) end
     where key = $1 and version = $2 returning ${COLUMNS}`,
    [key, version, name, metric, JSON.stringify(variants), state],
  );
  return rows[0] && viewOf(rows[0]);
}
