import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../src/platform/log';
import { startEmbedded } from '../../src/platform/database/embedded';
import { generationOf, SERVER_IN_USE } from './database';

/** How long the server stays without a connection: the next file or the next run finds it warm. */
const IDLE_SECONDS = 15;

/**
 * The PostgreSQL that all workers of a test run share, as a program of its own: it cleans up after killed runs, and ends
 * when no test has been connected for a while. Its data may be lost in a power cut, for speed; the product's is not.
 */
async function main(folder: string): Promise<void> {
  const log = createLog({ LOG_LEVEL: 'info' });
  const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '200' };
  const server = await startEmbedded(folder, log, { settings });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    `select datname from pg_database where datname ~ '^easy11_(test|template)_' and datname !~ ('_' || $1 || '_')`,
    [await generationOf(client)],
  );
  for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`);
  for (let idle = 0; ;) {
    await sleep(1000);
    const { rowCount } = await client.query(
      `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1`,
    );
    idle = rowCount === 0 ? idle + 1 : 0;
    if (idle < IDLE_SECONDS) continue;
    // Whoever comes from now on finds that the server is ending; whoever was faster holds the lock, and it does not end.
    const { rows } = await client.query<{ ending: boolean }>('select pg_try_advisory_lock($1) as ending', [
      SERVER_IN_USE,
    ]);
    if (rows[0]?.ending) break;
    idle = 0;
  }
  // The lock is held to the end: the server ends this connection.
  client.on('error', () => undefined);
  await server.stop();
  await client.end().catch(() => undefined); // it is gone already
}

main(String(process.argv[2])).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
