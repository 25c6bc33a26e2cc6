import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MigrationError, migrate, pendingMigrations } from '../../../src/platform/database';
import { createTestDatabase, type TestDatabase } from '../../support/database';

let probe: TestDatabase;
let folder: string;

const write = (name: string, sql: string): void => {
  mkdirSync(path.join(folder, name), { recursive: true });
  writeFileSync(path.join(folder, name, 'migration.sql'), sql);
};
const tables = async (): Promise<string[]> =>
  (
    await probe.database.pool.query<{ table_name: string }>(
      `select table_name from information_schema.tables where table_schema = 'public' and table_name like 'probe%' order by 1`,
    )
  ).rows.map((row) => row.table_name);
const run = (): Promise<readonly string[]> => migrate(probe.database, { folder });

beforeEach(async () => {
  probe = await createTestDatabase();
  await probe.database.pool.query('delete from _prisma_migrations');
  folder = mkdtempSync(path.join(tmpdir(), 'easy11-migrations-'));
  write('20260101000000_one', 'create table probe_one (id int);');
  write('20260102000000_two', 'create table probe_two (id int);\ncreate index on probe_two (id);');
});

afterEach(async () => {
  await probe.drop();
  rmSync(folder, { recursive: true });
});

describe('migrate', () => {
  it('applies every migration once, in the order of their names', async () => {
    expect(await pendingMigrations(probe.database, folder)).toEqual(['20260101000000_one', '20260102000000_two']);
    expect(await run()).toEqual(['20260101000000_one', '20260102000000_two']);
    expect(await tables()).toEqual(['probe_one', 'probe_two']);
    expect(await run()).toEqual([]);
    expect(await pendingMigrations(probe.database, folder)).toEqual([]);
  });

  it("keeps Prisma's own books: the file's SHA-256, a finish time and one step", async () => {
    await run();
    const { rows } = await probe.database.pool.query(
      'select checksum, applied_steps_count, finished_at >= started_at as finished from _prisma_migrations order by migration_name',
    );
    expect(rows).toEqual([
      // sha256sum of the file
      {
        checksum: '3f92db622cb13e501ccec1eae24e625cb4c9f326dcb6b5492caa827a7dc95c9e',
        applied_steps_count: 1,
        finished: true,
      },
      { checksum: expect.stringMatching(/^[0-9a-f]{64}$/), applied_steps_count: 1, finished: true },
    ]);
  });

  it('undoes a migration that fails, names its line and keeps those before it', async () => {
    write('20260103000000_three', 'create table probe_three (id int);\n\nselect * from nowhere;');
    await expect(run()).rejects.toThrow(/20260103000000_three failed and was undone \(line 3\).*nowhere/);
    expect(await tables()).toEqual(['probe_one', 'probe_two']);
    write('20260103000000_three', 'create table probe_three (id int);');
    expect(await run()).toEqual(['20260103000000_three']);
  });

  it('refuses an applied migration whose file was changed since', async () => {
    await run();
    write('20260101000000_one', 'create table probe_other (id int);');
    await expect(run()).rejects.toThrow(MigrationError);
    await expect(run()).rejects.toThrow(/20260101000000_one was changed after it was applied/);
  });

  it('accepts a file whose line ends alone were changed by a checkout', async () => {
    await run();
    write('20260102000000_two', 'create table probe_two (id int);\r\ncreate index on probe_two (id);');
    expect(await run()).toEqual([]);
  });

  it('refuses a database that a newer version has migrated', async () => {
    await run();
    rmSync(path.join(folder, '20260102000000_two'), { recursive: true });
    await expect(run()).rejects.toThrow(/does not know: 20260102000000_two/);
  });

  it('refuses to go on after a migration that another tool left unfinished', async () => {
    await run();
    await probe.database.pool.query(
      `update _prisma_migrations set finished_at = null, logs = 'disk full' where migration_name like '%_two'`,
    );
    await expect(run()).rejects.toThrow(/20260102000000_two failed before it finished: disk full/);
  });

  it('lets several processes migrate at once: each migration is applied by one of them', async () => {
    const applied = await Promise.all([run(), run(), run()]);
    expect(applied.flat().sort()).toEqual(['20260101000000_one', '20260102000000_two']);
  });
});
