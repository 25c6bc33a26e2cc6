import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../src/platform/log';
import { startEmbedded } from '../../src/platform/database/embedded';
import { generationOf } from './database';

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
  for (let idle = 0; idle < IDLE_SECONDS;) {
    await sleep(1000);
    const { rowCount } = await client.query(
      `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1`,
    );
    idle = rowCount === 0 ? idle + 1 : 0;
  }
  await client.end();
  await server.stop();
}

main(String(process.argv[2])).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
