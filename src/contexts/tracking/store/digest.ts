import { DEMAND_WEIGHTS, SESSION_SILENCE_MS, type Shown } from '../rules';
import { TRACKING_LOCKS, type Queryable } from './events';

/** Lets one process at a time digest. False when another one does. Until the end of the transaction. */
export async function tryLockDigest(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1, 2) as taken', [
    TRACKING_LOCKS,
  ]);
  return rows[0]?.taken === true;
}

/**
 * Takes the oldest writes that have not been digested, and their rows away: in the same transaction as their effect, so that each
 * has it once. A write that is not committed yet is not seen, and is taken when it is: no number is passed over.
 */
export async function takeBatches(client: Queryable, most: number): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `delete from tracking_batches where id in (select id from tracking_batches order by id limit $1) returning id`,
    [most],
  );
  return rows.map(({ id }) => id);
}

/** The range finds the writes in the index, also in a partition that is so new that nothing is known of what it holds. */
const OF_THESE = `batch between (select min(b) from unnest($1::bigint[]) as b) and (select max(b) from unnest($1::bigint[]) as b)
  and batch = any($1::bigint[])`;

const COUNTS = ['view', 'search', 'click', 'add_to_cart', 'purchase', 'exposure'] as const;
const COUNT_COLUMNS = 'views, searches, clicks, adds, purchases, exposures';

/**
 * Adds the events of these writes to the sessions of their visitors. Sessions that an event brings nearer to each other than the
 * silence become one: late events and events in disorder give the same sessions as the same events in order.
 */
export async function addToSessions(client: Queryable, batches: readonly string[]): Promise<void> {
  await client.query({
    name: 'tracking-sessions',
    text: `
      with given as (
        select visitor_id, occurred_at as started_at, occurred_at as ended_at,
          ${COUNTS.map((type) => `(type = '${type}')::int as ${type}`).join(', ')}
        from tracking_events where ${OF_THESE}),
      reach as (
        select visitor_id, min(started_at) - $2::interval as earliest, max(ended_at) + $2::interval as latest
        from given group by visitor_id),
      present as (
        delete from tracking_sessions as session using reach
        where session.visitor_id = reach.visitor_id and session.ended_at >= earliest and session.started_at <= latest
        returning session.visitor_id, started_at, ended_at, ${COUNT_COLUMNS}),
      pieces as (select * from given union all select * from present),
      marked as (
        select *, started_at > max(ended_at) over (partition by visitor_id order by started_at, ended_at
          rows between unbounded preceding and 1 preceding) + $2::interval as begins from pieces),
      numbered as (
        select *, count(*) filter (where begins) over (partition by visitor_id order by started_at, ended_at
          rows unbounded preceding) as number from marked)
      insert into tracking_sessions (visitor_id, started_at, ended_at, ${COUNT_COLUMNS})
      select visitor_id, min(started_at), max(ended_at), ${COUNTS.map((type) => `sum(${type})`).join(', ')}
      from numbered group by visitor_id, number`,
    values: [batches, `${SESSION_SILENCE_MS} milliseconds`],
  });
}

/** What is left of a score after so many half-lives, in SQL. Beyond 300 of them nothing, which PostgreSQL calls an underflow. */
const decayed = (score: string, since: string, until: string, halfLife: string): string =>
  `${score} * power(0.5::float8, least(300, greatest(0, extract(epoch from ${until} - ${since})::float8 / ${halfLife})))`;

/**
 * Adds the events of these writes to the demand of their products. Of one visitor each kind of event counts once a product within
 * one digest. The weight of an event halves with every half-life since it happened.
 */
export async function addToDemand(
  client: Queryable,
  batches: readonly string[],
  halfLifeSeconds: number,
): Promise<void> {
  await client.query({
    name: 'tracking-demand',
    text: `
      with moment as (select clock_timestamp() as now),
      once as (
        select product_id, visitor_id, type, max(occurred_at) as at from tracking_events
        where ${OF_THESE} and type = any($2::text[]) and product_id is not null
        group by product_id, visitor_id, type),
      given as (
        select product_id, sum(${decayed('weight', 'at', 'now', '$4::float8')}) as score, max(now) as now
        from once join unnest($2::text[], $3::float8[]) as weights (kind, weight) on kind = type, moment
        group by product_id)
      insert into tracking_demand as demand (product_id, score, as_of)
      select product_id, score, now from given order by product_id
      on conflict (product_id) do update
        set score = ${decayed('demand.score', 'demand.as_of', 'excluded.as_of', '$4::float8')} + excluded.score,
            as_of = excluded.as_of`,
    values: [batches, Object.keys(DEMAND_WEIGHTS), Object.values(DEMAND_WEIGHTS), halfLifeSeconds],
  });
}

export interface Demand {
  /** `prd_…`. */
  readonly productId: string;
  /** Now. */
  readonly demand: number;
  /** What the catalogue was told last. */
  readonly before: Shown | undefined;
}

/**
 * Products whose popularity is off by 2 % and by a twentieth of a click, the farthest first: less is not worth an event. Where the
 * demand has all but gone it counts as none.
 */
export async function findChangedDemand(client: Queryable, halfLifeSeconds: number, most: number): Promise<Demand[]> {
  const { rows } = await client.query<{ id: string; demand: number; base: number | null; shown: number | null }>({
    name: 'tracking-changed-demand',
    text: `
      with present as (
        select product_id, base, shown, ${decayed('score', 'as_of', 'clock_timestamp()', '$1::float8')} as demand
        from tracking_demand),
      rounded as (select product_id, base, shown, case when demand < 0.05 then 0 else demand end as demand from present)
      select product_id as id, demand, base, shown from rounded
      where demand = 0 or abs(coalesce(base, 0) + demand - coalesce(shown, 0)) > greatest(0.05, 0.02 * abs(shown))
      order by abs(coalesce(base, 0) + demand - coalesce(shown, 0)) desc limit $2`,
    values: [halfLifeSeconds, most],
  });
  return rows.map(({ id, demand, base, shown }) => ({
    productId: `prd_${id}`,
    demand,
    before: base === null || shown === null ? undefined : { base, shown },
  }));
}

/** Notes what the catalogue was told. */
export async function noteShown(client: Queryable, told: ReadonlyMap<string, Shown>): Promise<void> {
  await client.query(
    `update tracking_demand as demand set base = told.base, shown = told.shown
     from unnest($1::uuid[], $2::float8[], $3::float8[]) as told (id, base, shown) where demand.product_id = told.id`,
    [
      [...told.keys()].map((id) => id.slice(4)),
      [...told.values()].map(({ base }) => base),
      [...told.values()].map(({ shown }) => shown),
    ],
  );
}

/** Forgets the demand of products that have none left, or that are no products. */
export async function deleteDemand(client: Queryable, productIds: readonly string[]): Promise<void> {
  await client.query('delete from tracking_demand where product_id = any($1::uuid[])', [
    productIds.map((id) => id.slice(4)),
  ]);
}

/** Removes sessions that ended before so many days. */
export async function deleteSessionsBefore(client: Queryable, days: number): Promise<number> {
  const { rowCount } = await client.query(
    `delete from tracking_sessions where ended_at < clock_timestamp() - make_interval(days => $1)`,
    [days],
  );
  return rowCount ?? 0;
}
