import { loadSettings } from '../../src/platform/config';
import { openDatabase } from '../../src/platform/database';
import { createLog } from '../../src/platform/log';

/**
 * A program that opens the database of its settings and says where it is, for tests that kill it. It ends in order when
 * its standard input says `close`, and at once when it says `exit`. It does not listen to signals.
 */
async function main(): Promise<void> {
  const settings = loadSettings();
  const database = await openDatabase(settings, createLog({ LOG_LEVEL: 'silent' }));
  console.log(JSON.stringify({ url: database.url, kind: database.kind }));
  process.stdin.on('data', (text) => {
    if (text.toString().startsWith('exit')) process.exit(0);
    void database.close().then(() => process.exit(0));
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  process.exit(1);
});
