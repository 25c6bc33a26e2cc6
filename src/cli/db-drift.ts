import { loadSettings } from '../platform/config';
import { migrate } from '../platform/database';
import { createPool } from '../platform/database/pool';
import { compareWithSchema } from '../platform/database/schema-diff';
import { withScratchDatabase } from '../platform/database/scratch';
import { createLog } from '../platform/log';
import { runCommand } from './run';

/**
 * `npm run db:drift`: checks that the migrations build exactly what prisma/schema describes. Exit code 1 and the
 * difference if not.
 */
runCommand(async () => {
  const log = createLog({ LOG_LEVEL: 'warn' });
  const difference = await withScratchDatabase(loadSettings().DATABASE_URL, log, async (url) => {
    const pool = createPool(url, 2, log);
    await migrate({ pool }).finally(() => pool.end());
    return compareWithSchema(url);
  });
  if (difference === undefined) {
    console.log('The migrations build exactly what prisma/schema describes.');
    return 0;
  }
  console.error(`The migrations and prisma/schema differ. What the migrations lack or have too much:\n`);
  console.error(difference.summary.trim());
  console.error(`\nAs SQL:\n\n${difference.sql.trim()}\n\nnpm run db:new -- <name> writes it into a new migration.`);
  return 1;
});
