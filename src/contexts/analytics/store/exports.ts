import type { Queryable } from './past-orders';

/**
 * What is to go into the archive, and the parts that it goes into. What a part holds is fixed in the transaction that makes it, so
 * that whoever dies while it is written leaves it to be written again, the same, under the same name.
 */

/** A part of the archive. Its id is its place among all parts. */
export interface Part {
  readonly id: number;
  readonly dataset: string;
}

/** Says that these are to go into the archive, again where they have been. One that is on its way goes once more, as it is by then. */
export async function enqueue(client: Queryable, dataset: string, keys: readonly string[]): Promise<void> {
  await client.query({
    name: 'analytics-enqueue',
    text: `insert into analytics_exports (dataset, key) select $1, key from unnest($2::text[]) as key order by key
           on conflict (dataset, key) do update set part = null`,
    values: [dataset, [...new Set(keys)]],
  });
}

export async function insertPart(client: Queryable, dataset: string): Promise<Part> {
  const { rows } = await client.query<{ id: number }>(
    'insert into analytics_parts (dataset) values ($1) returning id::float8 as id',
    [dataset],
  );
  return { id: rows[0]?.id ?? Number.NaN, dataset };
}

/** Gives up to `most` waiting keys to a part. Resolves to how many. */
export async function claim(client: Queryable, { id, dataset }: Part, most: number): Promise<number> {
  const { rowCount } = await client.query(
    `update analytics_exports set part = $1 where dataset = $2 and key in (
       select key from analytics_exports where dataset = $2 and part is null order by key limit $3 for update skip locked)`,
    [id, dataset, most],
  );
  return rowCount ?? 0;
}

export async function deletePart(client: Queryable, { id }: Part): Promise<void> {
  await client.query('delete from analytics_parts where id = $1', [id]);
}

/** The keys of a part, in order. */
export async function listClaimed(client: Queryable, { id, dataset }: Part): Promise<string[]> {
  const { rows } = await client.query<{ key: string }>(
    'select key from analytics_exports where part = $1 and dataset = $2 order by key',
    [id, dataset],
  );
  return rows.map(({ key }) => key);
}

/** Forgets the keys of a part that is written. */
export async function releaseClaimed(client: Queryable, { id, dataset }: Part): Promise<void> {
  await client.query('delete from analytics_exports where part = $1 and dataset = $2', [id, dataset]);
}

/** The parts that somebody began and nobody ended. */
export async function listUnwritten(client: Queryable): Promise<Part[]> {
  const { rows } = await client.query<Part>(
    `select id::float8 as id, dataset from analytics_parts where state = 'writing' order by id`,
  );
  return rows;
}

export async function markWritten(client: Queryable, { id }: Part, rows: number, bytes: number): Promise<void> {
  await client.query(
    `update analytics_parts set state = 'written', rows = $2, bytes = $3, written_at = clock_timestamp() where id = $1`,
    [id, rows, bytes],
  );
}

/** What of the archive is written, by dataset, and what waits. */
export interface ArchiveStatus {
  readonly dataset: string;
  readonly parts: number;
  readonly rows: number;
  readonly bytes: number;
  readonly writtenAt: Date | null;
}

export async function summarizeParts(client: Queryable): Promise<ArchiveStatus[]> {
  const { rows } = await client.query<ArchiveStatus>(
    `select dataset, count(*)::int as parts, sum(rows)::float8 as rows, sum(bytes)::float8 as bytes,
       max(written_at) as "writtenAt" from analytics_parts where state = 'written' group by dataset order by dataset`,
  );
  return rows;
}

/** The archive of this database, which is the given one where there was none. Resolves to its id. */
export async function claimArchive(client: Queryable, archive: string): Promise<string> {
  await client.query('insert into analytics_archive (archive) values ($1) on conflict (id) do nothing', [archive]);
  const { rows } = await client.query<{ archive: string }>('select archive from analytics_archive');
  return rows[0]?.archive ?? archive;
}

/** A past order line as the archive keeps it. Amounts are text: they may be beyond what a number holds exactly. */
export interface PastOrderFact {
  readonly id: string;
  readonly source: string;
  readonly kind: string;
  readonly invoice: string;
  readonly sku: string;
  readonly isProduct: boolean;
  readonly description: string;
  readonly quantity: number;
  readonly amount: string;
  readonly unitPrice: string | null;
  readonly currency: string;
  readonly orderedAt: string;
  readonly customer: string | null;
  readonly country: string;
}

/** Past order lines of some batches by id: at most `limit` after one. */
export async function listPastOrderFacts(
  client: Queryable,
  batches: readonly string[],
  after: string,
  limit: number,
): Promise<PastOrderFact[]> {
  const { rows } = await client.query<PastOrderFact>(
    `select id, source, kind, invoice, sku, is_product as "isProduct", description, quantity, amount,
       unit_price::text as "unitPrice", currency, ordered_at::text as "orderedAt", customer, country
     from past_order_lines where batch = any($1::text[]) and id > $2 order by id limit $3`,
    [batches, after, limit],
  );
  return rows;
}
