import fc from 'fast-check';
import { v7 } from 'uuid';
import { keepPartitions } from '../../../src/contexts/tracking/background';
import { EventWriter } from '../../../src/contexts/tracking/writer';
import { SeenIds } from '../../../src/contexts/tracking/seen-ids';
import type { TrackedEvent } from '../../../src/contexts/tracking/schemas';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { eventually } from '../../support/eventually';
import { tracked } from './shop';

let scratch: TestDatabase;
const writers: EventWriter[] = [];
beforeAll(async () => {
  scratch = await createTestDatabase();
  await keepPartitions(scratch.database, Date.now(), 30);
});
afterAll(async () => {
  for (const writer of writers) await writer.close();
  await scratch.drop();
});

/** Another process, as far as the database can tell. */
function openWriter(): EventWriter {
  const writer = new EventWriter(scratch.database);
  writers.push(writer);
  return writer;
}

const sorted = (events: readonly TrackedEvent[]): TrackedEvent[] => [...events].sort((a, b) => (a.id < b.id ? -1 : 1));
/** Enough to be copied. */
const many = (fields: Record<string, unknown> = {}): TrackedEvent[] =>
  sorted(Array.from({ length: 300 }, () => tracked(fields)));
const idsOf = (events: readonly TrackedEvent[]): Set<string> => new Set(events.map(({ id }) => id));

async function rowsOf(events: readonly TrackedEvent[]): Promise<Record<string, unknown>[]> {
  const { rows } = await scratch.database.pool.query<Record<string, unknown>>(
    'select * from tracking_events where id = any($1::uuid[]) order by id',
    [events.map(({ id }) => id.slice(4))],
  );
  return rows;
}

/** Rows that await the digest and the archive, of the writes that brought these events: one of each a write. */
async function marksOf(
  events: readonly TrackedEvent[],
): Promise<readonly [writes: number, digest: number, archive: number]> {
  const { rows } = await scratch.database.pool.query<{ writes: number; digest: number; archive: number }>(
    `with writes as (select distinct batch from tracking_events where id = any($1::uuid[]))
     select (select count(*) from writes)::int as writes,
       (select count(*) from tracking_batches where id in (select batch from writes))::int as digest,
       (select count(*) from tracking_exports where batch in (select batch from writes))::int as archive`,
    [events.map(({ id }) => id.slice(4))],
  );
  const [row] = rows;
  return [row?.writes ?? 0, row?.digest ?? 0, row?.archive ?? 0];
}

const WORDS = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.constantFrom('null', 'NULL', '\\N', '\\.', 'a\tb', 'a\\tb', '"quoted"', '{a,b}', 'rot\\', 'grün 🫖', "it's"),
);

test('every field comes out as it was sent, copied as inserted', async () => {
  const [copying, inserting] = [openWriter(), openWriter()];
  await fc.assert(
    fc.asyncProperty(fc.array(WORDS, { minLength: 1, maxLength: 40 }), async (queries) => {
      const words = queries.flatMap((query) => [
        tracked({ type: 'search', query, results: query.length }),
        tracked({ type: 'click', query, position: 3, slot: 'null' }),
        tracked({ type: 'exposure', experiment: 'null', variant: 'x_1-2' }),
        tracked({ type: 'purchase', orderId: `ord_${v7()}`, quantity: 2 }),
      ]);
      const copied = sorted([...words, ...many({ type: 'add_to_cart', quantity: 1 })]);
      const again = copied.map((event) => ({ ...event, id: `evt_${v7()}` }));
      await copying.write(copied);
      // Too few at a time to be copied.
      for (let from = 0; from < again.length; from += 100) await inserting.write(sorted(again.slice(from, from + 100)));
      const fields = ({ id, batch, occurred_at, received_at, ...rest }: Record<string, unknown>): unknown => {
        expect([typeof id, typeof batch]).toEqual(['string', 'string']);
        expect(Math.abs(Number(occurred_at) - Number(received_at))).toBeLessThan(120_000);
        return rest;
      };
      const place = new Map(again.map(({ id }, n) => [id.slice(4), n]));
      const inserted = (await rowsOf(again)).sort(
        (a, b) => (place.get(a.id as string) ?? 0) - (place.get(b.id as string) ?? 0),
      );
      expect((await rowsOf(copied)).map(fields)).toEqual(inserted.map(fields));
    }),
    { numRuns: 15 },
  );
  expect(copying.counts).toMatchObject({ copied: 15, inserted: 0 });
  expect(inserting.counts.copied).toBe(0);
});

test('the moment of an event is that of its id, to the millisecond', async () => {
  const at = Date.now() - 3_600_123;
  const events = sorted([...many(), tracked({}, at)]);
  await openWriter().write(events);
  const [row] = await rowsOf(events);
  expect(row?.occurred_at).toEqual(new Date(at));
});

test('a write is marked once, for the digest and for the archive', async () => {
  const writer = openWriter();
  const events = many();
  await writer.write(events);
  expect(writer.counts.copied).toBe(1);
  expect(await marksOf(events)).toEqual([1, 1, 1]);
});

test('what this process has stored before is told, and the rest of the write is copied all the same', async () => {
  const writer = openWriter();
  const [before, later] = [many(), many()];
  expect(await writer.write(before)).toEqual(new Set());
  const repeated = before.slice(0, 40);
  expect(await writer.write(sorted([...repeated, ...later]))).toEqual(idsOf(repeated));
  expect(writer.counts).toEqual({ copied: 2, inserted: 1, refused: 0 });
  expect(await rowsOf([...before, ...later])).toHaveLength(600);
  // The repeated ones belong to the write that brought them first.
  expect(await marksOf([...before, ...later])).toEqual([2, 2, 2]);
});

test('what another process has stored before is told, too, and the next writes are careful until nothing comes again', async () => {
  const [one, other] = [openWriter(), openWriter()];
  const [before, later] = [many(), many()];
  await one.write(before);
  const repeated = before.slice(100, 101);
  expect(await other.write(sorted([...repeated, ...later]))).toEqual(idsOf(repeated));
  expect(other.counts).toEqual({ copied: 0, inserted: 1, refused: 1 });
  expect(await rowsOf([...before, ...later])).toHaveLength(600);
  for (let n = 0; other.counts.copied === 0 && n < 100; n++) await other.write(many());
  expect(other.counts.copied).toBe(1);
  expect(other.counts.inserted).toBeGreaterThan(10);
});

test('two processes that are sent the same events at once store each of them once', async () => {
  const [one, other] = [openWriter(), openWriter()];
  for (let round = 0; round < 5; round++) {
    const events = many();
    const [first, second] = await Promise.all([one.write(events), other.write(events)]);
    expect(first.size + second.size).toBe(300);
    expect(await rowsOf(events)).toHaveLength(300);
  }
});

test('a write whose connection breaks is told to whoever sent it, nothing of it is half there, and the next goes on', async () => {
  const writer = openWriter();
  await writer.write(many());
  const { pool } = scratch.database;
  const copies = async (): Promise<number> =>
    (
      await pool.query(
        `select from pg_stat_activity where application_name = 'easy11-events' and datname = current_database()`,
      )
    ).rowCount ?? 0;
  const events = many();
  // It waits for somebody who holds the table, and dies while it waits.
  const client = await pool.connect();
  try {
    await client.query('begin; lock table tracking_exports in access exclusive mode');
    const written = writer.write(events).then(
      () => 'stored',
      () => 'failed',
    );
    await eventually(60_000, async () => {
      const { rowCount } = await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'easy11-events' and datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rowCount === 1;
    });
    expect(await written).toBe('failed');
  } finally {
    await client.query('rollback');
    client.release();
  }
  expect(await rowsOf(events)).toHaveLength(0);
  expect(await writer.write(events)).toEqual(new Set());
  expect(await rowsOf(events)).toHaveLength(300);
  expect(await copies()).toBeGreaterThan(0);
});

test('a connection that broke while nothing was written is not noticed by the next write', async () => {
  const writer = openWriter();
  await writer.write(many());
  const mine = `application_name = 'easy11-events' and datname = current_database()`;
  const { pool } = scratch.database;
  await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${mine}`);
  await eventually(60_000, async () => (await pool.query(`select from pg_stat_activity where ${mine}`)).rowCount === 0);
  const events = many();
  expect(await writer.write(events)).toEqual(new Set());
  expect(await rowsOf(events)).toHaveLength(300);
  expect(writer.counts).toEqual({ copied: 2, inserted: 0, refused: 0 });
});

test('without a connection to copy on events are written by the statement, and copied again when there is one', async () => {
  const { pool, url } = scratch.database;
  const role = `copier_${v7().replace(/-/g, '_')}`;
  await pool.query(`create role ${role} nologin password 'secret'`);
  await pool.query(`grant all on all tables in schema public to ${role}`);
  await pool.query(`grant all on all sequences in schema public to ${role}`);
  const address = new URL(url);
  [address.username, address.password] = [role, 'secret'];
  const writer = new EventWriter({ pool, url: address.toString() });
  try {
    const events = many();
    expect(await writer.write(events)).toEqual(new Set());
    expect(await rowsOf(events)).toHaveLength(300);
    expect(writer.counts).toEqual({ copied: 0, inserted: 1, refused: 1 });
    await pool.query(`alter role ${role} login`);
    for (let n = 0; writer.counts.copied === 0 && n < 100; n++) await writer.write(many());
    expect(writer.counts).toMatchObject({ copied: 1, refused: 1 });
  } finally {
    await writer.close();
    await pool.query(`drop owned by ${role}`);
    await pool.query(`drop role ${role}`);
  }
});

test('ids are remembered until others take their places, and none is taken for another', () => {
  const seen = new SeenIds();
  const ids = Array.from({ length: 200_000 }, () => `evt_${v7()}`);
  expect(ids.filter((id) => seen.has(id))).toEqual([]);
  for (const id of ids) seen.add(id);
  // Of two with one place the later is remembered: about a tenth of so many in a million places.
  const known = ids.filter((id) => seen.has(id)).length;
  expect(known).toBeGreaterThan(170_000);
  expect(ids.slice(-1_000).filter((id) => seen.has(id)).length).toBeGreaterThan(990);
  expect(Array.from({ length: 200_000 }, () => `evt_${v7()}`).filter((id) => seen.has(id))).toEqual([]);
});
