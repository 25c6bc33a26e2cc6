import type pg from 'pg';
import { eventually } from './eventually';

type Queryable = Pick<pg.Pool, 'query'>;

/** Who listens to the outbox in a shop, and to which kind of aggregate. What is sent to a bus has a colon in its name, and no inbox. */
const CONSUMERS: Readonly<Record<string, string>> = {
  'analytics-hears-holdouts': 'holdout',
  'analytics-hears-orders': 'order',
  'analytics-hears-refunds': 'payment',
  'inventory-shows-stock': 'stock',
  'orders-hear-payments': 'payment',
  'orders-hear-reviews': 'fraud-review',
};

/** All of them, as a shop has them that takes payments. */
export const EVERY_CONSUMER: readonly string[] = Object.keys(CONSUMERS);

/**
 * Writes down from now on each step of each inbox, in the transaction of the step and however the process ends: an event that is
 * applied again, left out, or applied before an earlier one is a step that does not begin where the last one ended.
 */
export async function watchInbox(pool: Queryable): Promise<void> {
  await pool.query(`
    create table if not exists inbox_steps (id bigserial primary key, consumer_group text, aggregate text, before int, after int);
    create or replace function note_inbox_step() returns trigger language plpgsql as $$ begin
      insert into inbox_steps (consumer_group, aggregate, before, after)
      values (new.consumer_group, new.aggregate, case when tg_op = 'INSERT' then 0 else old.version end, new.version);
      return null;
    end $$;
    create or replace trigger inbox_step after insert or update on outbox_inbox for each row
      when (new.consumer_group not like 'bus:%') execute function note_inbox_step()`);
}

/** $1 and $2 are the consumers that must be there, and their kinds; $3 those that are known. Each line says what is wrong, and where. */
const HEARD = `
  with wanted as (select * from unnest($1::text[], $2::text[]) as wanted(consumer_group, kind)),
  told as materialized (
    select aggregate, split_part(aggregate, ':', 1) as kind, max(version) as version, count(*) as events, min(version) as first
    from outbox_events group by aggregate)
  select 'I7 nobody is ' || consumer_group as broken from wanted
  where not exists (select from outbox_cursors as c where c.consumer_group = wanted.consumer_group)
  union all
  select distinct 'I7 a consumer of which nothing is known: ' || consumer_group from outbox_cursors
  where consumer_group <> all($3::text[]) and consumer_group not like '%:%'
  union all
  select 'I7 the versions of ' || aggregate || ' have gaps: ' || events || ' events up to ' || version from told
  where events <> version or first <> 1
  union all
  select 'I7 not published: ' || aggregate || ' ' || version from outbox_events
  where position is null and exists (select from wanted)
  union all
  select 'I7 published before an earlier one: ' || aggregate || ' ' || version from (
    select *, lag(position) over (partition by aggregate order by version) as earlier from outbox_events) as e
  where position <= earlier
  union all
  select 'I7 ' || c.consumer_group || ' has read up to ' || c.position || ' of ' || p.position || ' in partition ' || p.partition
  from outbox_cursors as c join wanted using (consumer_group) join outbox_partitions as p using (partition)
  where c.position <> p.position
  union all
  select 'I7 ' || wanted.consumer_group || ' has applied ' || coalesce(i.version, 0) || ' of ' || told.version || ' of ' || told.aggregate
  from wanted join told using (kind)
  left join outbox_inbox as i on i.consumer_group = wanted.consumer_group and i.aggregate = told.aggregate
  where i.version is distinct from told.version
  union all
  select 'I7 ' || i.consumer_group || ' has applied what is not there, or not for it: ' || i.aggregate
  from outbox_inbox as i join wanted using (consumer_group)
  left join told on told.aggregate = i.aggregate and told.kind = wanted.kind where told.aggregate is null
  union all
  select 'I7 ' || consumer_group || ' has a letter that is ' || state || ': ' || aggregate || ' ' || version || ' ' || coalesce(error, '')
  from outbox_dead_letters
  union all
  select 'I7 a product does not show its stock: ' || p.sku from products as p join stock_items as s on s.sku = p.sku
  where p.in_stock <> (s.on_hand > s.reserved) and exists (select from wanted where consumer_group = 'inventory-shows-stock')
  union all
  select 'I7 an order that the archive will not get: ' || o.id from orders as o
  where exists (select from wanted where consumer_group = 'analytics-hears-orders')
    and not exists (select from analytics_exports as e where e.dataset = 'order_lines' and e.key = o.id)`;

const STEPS = `
  select 'I7 ' || consumer_group || ' went from ' || before || ' to ' || after || ' of ' || aggregate || ', after ' || last as broken
  from (select *, coalesce(lag(after) over (partition by consumer_group, aggregate order by id), 0) as last from inbox_steps) as s
  where before <> last or after <= before`;

/**
 * What of I7 does not hold: every event is published in the order of its aggregate, and each consumer has applied all that it should
 * have, once and in order, and given up nothing. To be asked when it is quiet: see `allHeard`. Without `consumers`, of those that there are.
 */
export async function brokenConsumers(pool: Queryable, consumers?: readonly string[]): Promise<string[]> {
  const wanted = consumers ?? (await presentConsumers(pool)).filter((group) => group in CONSUMERS);
  const kinds = wanted.map((group) => CONSUMERS[group]);
  const { rows } = await pool.query<{ broken: string }>(HEARD, [wanted, kinds, EVERY_CONSUMER]);
  const { rows: watched } = await pool.query<{ steps: string | null }>(`select to_regclass('inbox_steps') as steps`);
  const steps = watched[0]?.steps ? (await pool.query<{ broken: string }>(STEPS)).rows : [];
  return [...rows, ...steps].map(({ broken }) => broken);
}

/** Without those that send to a bus. */
async function presentConsumers(pool: Queryable): Promise<string[]> {
  const { rows } = await pool.query<{ group: string }>(
    `select distinct consumer_group as "group" from outbox_cursors where consumer_group not like '%:%'`,
  );
  return rows.map(({ group }) => group);
}

/** Waits until all that happened is published, and read by every consumer that there is. False where it takes longer. */
export async function allHeard(pool: Queryable, withinMs: number): Promise<boolean> {
  const quiet = async (): Promise<boolean> => {
    const { rows } = await pool.query<{ quiet: boolean }>(
      `select not exists (select from outbox_events where position is null)
         and not exists (select from outbox_cursors as c join outbox_partitions as p using (partition)
           where c.position < p.position and c.consumer_group not like '%:%')
         and not exists (select from outbox_dead_letters where state = 'retrying')
         or not exists (select from outbox_cursors) as quiet`,
    );
    return rows[0]?.quiet === true;
  };
  return eventually(withinMs, quiet).then(
    () => true,
    () => false, // what is missing comes out when it is looked for
  );
}
