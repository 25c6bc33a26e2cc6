import type pg from 'pg';

type Queryable = Pick<pg.ClientBase, 'query'>;

export const KINDS = ['clv', 'churn', 'forecast'] as const;
export type Kind = (typeof KINDS)[number];
export const STAGES = ['learning', 'staging', 'production', 'archived'] as const;
export type Stage = (typeof STAGES)[number];

/** A model of the registry. */
export interface StoredModel {
  readonly id: string;
  readonly kind: Kind;
  readonly version: number;
  readonly stage: Stage;
  readonly trainingId: string;
  readonly source: string;
  readonly currency: string;
  readonly skill: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly artefact: Readonly<Record<string, unknown>>;
  readonly verdict: string;
  readonly createdAt: Date;
  readonly promotedAt: Date | null;
}

export type NewModel = Omit<StoredModel, 'version' | 'stage' | 'verdict' | 'createdAt' | 'promotedAt'>;

/** What a model says of a customer. */
export interface Score {
  readonly customer: string;
  readonly value: number;
  readonly detail: Readonly<Record<string, number>>;
}

const COLUMNS = `id, kind, version, stage, training_id as "trainingId", source, currency, skill, parameters, metrics, artefact, verdict,
  created_at as "createdAt", promoted_at as "promotedAt"`;

/** Advisory lock of the registry: versions are counted, and models promoted, one transaction after the other. */
const REGISTRY_LOCK = 7731;

export async function lockRegistry(client: Queryable): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [REGISTRY_LOCK]);
}

/** Adds a model as the next version of its kind, still learning. The caller holds the lock of the registry. */
export async function insertModel(client: Queryable, model: NewModel): Promise<StoredModel> {
  const { id, kind, trainingId, source, currency, skill, parameters, metrics, artefact } = model;
  const { rows } = await client.query<StoredModel>(
    `insert into analytics_models
       (id, kind, version, stage, training_id, source, currency, skill, parameters, metrics, artefact, verdict)
     select $1, $2, coalesce(max(version), 0) + 1, 'learning', $3, $4, $5, $6, $7, $8, $9, '' from analytics_models where kind = $2
     returning ${COLUMNS}`,
    [
      ...[id, kind, trainingId, source, currency, skill],
      ...[parameters, metrics, artefact].map((part) => JSON.stringify(part)),
    ],
  );
  return rows[0] as StoredModel;
}

export async function insertScores(client: Queryable, modelId: string, scores: readonly Score[]): Promise<void> {
  await client.query({
    name: 'analytics-insert-scores',
    text: `insert into analytics_scores (model_id, customer, value, detail)
           select $1, new.* from json_to_recordset($2::json) as new(customer text, value double precision, detail jsonb)`,
    values: [modelId, JSON.stringify(scores)],
  });
}

/** Puts a model into production, and what was there into the archive. The caller holds the lock of the registry. */
export async function promote(client: Queryable, { id, kind }: StoredModel, verdict: string): Promise<void> {
  await client.query(`update analytics_models set stage = 'archived' where kind = $1 and stage = 'production'`, [kind]);
  await client.query(
    `update analytics_models set stage = 'production', verdict = $2, promoted_at = clock_timestamp() where id = $1`,
    [id, verdict],
  );
}

/** A model that has been learnt and does not go into production: why. */
export async function stage(client: Queryable, { id }: StoredModel, verdict: string): Promise<void> {
  await client.query(`update analytics_models set stage = 'staging', verdict = $2 where id = $1`, [id, verdict]);
}

/** Removes what a training that was cut off had begun: the caller holds the lock of all trainings. */
export async function removeUnfinished(client: Queryable): Promise<void> {
  await client.query(`delete from analytics_models where stage = 'learning'`);
}

/** Archives what is neither in production nor among the newest `kept` of its kind, and forgets what it said of customers. */
export async function archiveOld(client: Queryable, kind: Kind, kept: number): Promise<void> {
  await client.query(
    `with old as (
       update analytics_models set stage = 'archived'
       where kind = $1 and stage in ('staging', 'archived')
         and version <= (select max(version) from analytics_models where kind = $1) - $2 returning id)
     delete from analytics_scores where model_id in (select id from old)`,
    [kind, kept],
  );
}

export async function findModel(client: Queryable, id: string): Promise<StoredModel | undefined> {
  const { rows } = await client.query<StoredModel>(`select ${COLUMNS} from analytics_models where id = $1`, [id]);
  return rows[0];
}

/** The model in production; where there is none, the newest in staging. */
export async function findServed(client: Queryable, kind: Kind): Promise<StoredModel | undefined> {
  const { rows } = await client.query<StoredModel>(
    `select ${COLUMNS} from analytics_models where kind = $1 and stage in ('staging', 'production')
     order by (stage = 'production') desc, version desc limit 1`,
    [kind],
  );
  return rows[0];
}

export async function findProduction(client: Queryable, kind: Kind): Promise<StoredModel | undefined> {
  const model = await findServed(client, kind);
  return model?.stage === 'production' ? model : undefined;
}

/** Models, the newest first, one more than `limit` where there is one. */
export async function listModels(
  client: Queryable,
  {
    kind,
    stage: only,
    after,
    limit,
  }: { kind?: Kind | undefined; stage?: Stage | undefined; after?: string | undefined; limit: number },
): Promise<StoredModel[]> {
  const { rows } = await client.query<StoredModel>(
    `select ${COLUMNS} from analytics_models
     where ($1::text is null or kind = $1) and ($2::text is null or stage = $2) and ($3::text is null or id < $3)
     order by id desc limit $4`,
    [kind ?? null, only ?? null, after ?? null, limit + 1],
  );
  return rows;
}

/** What a model says of customers, the highest first, one more than `limit` where there is one. */
export async function listScores(
  client: Queryable,
  modelId: string,
  { after, limit }: { readonly after?: readonly [value: number, customer: string] | undefined; readonly limit: number },
): Promise<Score[]> {
  const { rows } = await client.query<Score>(
    `select customer, value, detail from analytics_scores
     where model_id = $1 and ($2::float8 is null or value < $2 or (value = $2 and customer > $3))
     order by value desc, customer limit $4`,
    [modelId, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  return rows;
}

/** Whether anything is kept of what the model says of customers. */
export async function hasScores(client: Queryable, modelId: string): Promise<boolean> {
  const { rowCount } = await client.query('select from analytics_scores where model_id = $1 limit 1', [modelId]);
  return rowCount === 1;
}
