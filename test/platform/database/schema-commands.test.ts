import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '../../support/database';

// Whole processes are started here: on a busy machine that takes its time.
jest.setTimeout(180_000);

const repository = path.resolve(__dirname, '../../..');
let copy: string;
let server: TestDatabase;

/** Runs a command of a copy of the project, whose schema the test may change. */
function run(command: string, ...args: string[]): { status: number | null; output: string } {
  const program = [require.resolve('tsx/cli'), path.join(copy, 'src/cli', `${command}.ts`), ...args];
  const env = { PATH: process.env.PATH, DATABASE_URL: server.url };
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { cwd: copy, env, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const migrations = (): string[] => readdirSync(path.join(copy, 'prisma/migrations')).filter((name) => /^\d/.test(name));

beforeAll(async () => {
  server = await createTestDatabase();
  copy = mkdtempSync(path.join(tmpdir(), 'easy11-schema-'));
  for (const part of ['src', 'prisma', 'package.json', 'tsconfig.json']) {
    cpSync(path.join(repository, part), path.join(copy, part), { recursive: true });
  }
  symlinkSync(path.join(repository, 'node_modules'), path.join(copy, 'node_modules'));
});

afterAll(async () => {
  rmSync(copy, { recursive: true, force: true });
  await server.drop();
});

describe('the schema commands', () => {
  it('find that the migrations of this project build exactly its schema', () => {
    expect(run('db-drift')).toEqual({ status: 0, output: expect.stringContaining('build exactly') });
    expect(run('db-new', 'nothing')).toEqual({ status: 0, output: expect.stringContaining('Nothing to do') });
  });

  it('report drift, write the migration that ends it, and apply it', async () => {
    const before = migrations();
    writeFileSync(
      path.join(copy, 'prisma/schema/probe.prisma'),
      'model Probe {\n  id String @id\n  note String?\n\n  @@map("probes")\n}\n',
    );
    const drift = run('db-drift');
    expect(drift.status).toBe(1);
    expect(drift.output).toMatch(/CREATE TABLE "probes"/);

    expect(run('db-new', 'add_probes').status).toBe(0);
    const added = migrations().filter((name) => !before.includes(name));
    expect(added).toEqual([expect.stringMatching(/^\d{14}_add_probes$/)]);
    expect(readFileSync(path.join(copy, 'prisma/migrations', String(added[0]), 'migration.sql'), 'utf8')).toMatch(
      /^-- CreateTable\nCREATE TABLE "probes" \(\n {4}"id" TEXT NOT NULL,\n {4}"note" TEXT,/,
    );

    expect(run('db-drift').status).toBe(0);
    expect(run('db-migrate').output).toContain(`applied ${added[0]}`);
    await server.database.pool.query(`insert into probes values ('a', null)`);
  });

  it("keep books in which Prisma's own engine finds nothing amiss", () => {
    const program = [require.resolve('tsx/cli'), path.join(__dirname, '../../support/prisma-history.ts'), server.url];
    const folder = path.join(copy, 'prisma/migrations');
    const ask = (): unknown => {
      const { stdout, stderr } = spawnSync(process.execPath, [...program, folder], { encoding: 'utf8' });
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout);
    };
    const clean = { history: null, failedMigrationNames: [], editedMigrationNames: [], hasMigrationsTable: true };
    expect(ask()).toMatchObject(clean);
    const last = String(migrations().at(-1));
    writeFileSync(path.join(folder, last, 'migration.sql'), '-- changed');
    expect(ask()).toMatchObject({ ...clean, editedMigrationNames: [last] });
  });

  it('want a name', () => {
    expect(run('db-new')).toEqual({ status: 1, output: expect.stringMatching(/^Usage: npm run db:new/) });
    expect(run('db-new', 'Bad Name').status).toBe(1);
  });
});
