import { loadSettings, withoutPassword } from '../platform/config';
import { migrate, openDatabase } from '../platform/database';
import { createLog } from '../platform/log';
import { runCommand } from './run';

/** `npm run db:migrate`: brings the database of the settings to the newest migration. `npm start` does it by itself. */
runCommand(async () => {
  const settings = loadSettings();
  const log = createLog(settings);
  const database = await openDatabase(settings, log);
  try {
    const applied = await migrate(database, { log });
    for (const name of applied) console.log(`applied ${name}`);
    if (applied.length === 0) console.log(`${withoutPassword(database.url)} is at the newest migration already.`);
    return 0;
  } finally {
    await database.close();
  }
});
