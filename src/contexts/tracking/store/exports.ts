import type { EventFact } from '../export';
import type { Queryable } from './events';

/** Gives up to `most` writes of events that wait for the archive to a part of it. Resolves to how many. */
export async function claimExports(client: Queryable, part: number, most: number): Promise<number> {
  const { rowCount } = await client.query(
    `update tracking_exports set part = $1 where batch in (
       select batch from tracking_exports where part is null order by batch limit $2 for update skip locked)`,
    [part, most],
  );
  return rowCount ?? 0;
}

/** The events of a part's writes, by id: at most `limit` after one. */
export async function listExported(
  client: Queryable,
  part: number,
  after: string,
  limit: number,
): Promise<EventFact[]> {
  const { rows } = await client.query<Omit<EventFact, 'occurredAt' | 'receivedAt'> & Record<'at' | 'received', Date>>(
    `select id, type, occurred_at as at, received_at as received, visitor_id as "visitorId", product_id as "productId",
       order_id as "orderId", query, results, position, quantity, slot, experiment, variant
     from tracking_events
     where batch = any(array(select batch from tracking_exports where part = $1)) and id > $2::uuid order by id limit $3`,
    [part, after, limit],
  );
  return rows.map(({ at, received, ...row }) => ({
    ...row,
    occurredAt: at.toISOString(),
    receivedAt: received.toISOString(),
  }));
}

export async function deleteExports(client: Queryable, part: number): Promise<void> {
  await client.query('delete from tracking_exports where part = $1', [part]);
}

/** Whether events of these ids wait for the archive. */
export async function someWait(client: Queryable, from: string, to: string): Promise<boolean> {
  const { rows } = await client.query<{ some: boolean }>(
    `select exists (select from tracking_exports as waiting join tracking_events as event on event.batch = waiting.batch
       where event.id >= $1::uuid and event.id < $2::uuid) as some`,
    [from, to],
  );
  return rows[0]?.some === true;
}

/** Forgets the writes that nobody will bring into an archive. */
export async function forgetExports(client: Queryable): Promise<void> {
  await client.query('delete from tracking_exports where part is null');
}
