/** A process that dies at a chosen place: started and killed by crash.test.ts. Says "there" on stdout when it is there. */
import { pino } from 'pino';
import { openDatabase } from '../../../src/platform/database';
import { startOutbox } from '../../../src/platform/outbox';
import { publishPartition } from '../../../src/platform/outbox/relay';

async function main(place: string, url: string): Promise<void> {
  const log = pino({ level: 'silent' });
  const database = await openDatabase({ DATABASE_URL: url, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 4 }, log);
  const standStill = (): Promise<never> => {
    process.stdout.write('there\n');
    return new Promise(() => setInterval(() => undefined, 1_000));
  };
  if (place === 'relay') {
    // Holding the locks of every partition, with positions given and not committed.
    const client = await database.pool.connect();
    await client.query('begin');
    for (let partition = 0; partition < 8; partition++) await publishPartition(client, partition);
    await standStill();
  } else {
    const outbox = startOutbox({ database, log });
    await outbox.subscribe({
      group: 'tally',
      handler: async ({ subject, version }, client) => {
        await client.query('insert into effects (subject, version) values ($1, $2)', [subject, version]);
        if (version === 3) await standStill();
      },
    });
  }
}

main(String(process.argv[2]), String(process.argv[3])).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
