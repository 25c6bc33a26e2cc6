import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadSettings } from '../platform/config';
import { migrate } from '../platform/database';
import { MIGRATIONS_FOLDER } from '../platform/database/migrations';
import { createPool } from '../platform/database/pool';
import { compareWithSchema } from '../platform/database/schema-diff';
import { withScratchDatabase } from '../platform/database/scratch';
import { createLog } from '../platform/log';
import { runCommand, UsageError } from './run';

const USAGE = 'Usage: npm run db:new -- <name> [--empty]    (a name such as add_product_brand)';

/**
 * `npm run db:new -- <name>`: writes the migration that brings a migrated database to prisma/schema. With --empty, an empty
 * one for SQL of your own that the schema cannot express.
 */
runCommand(async (args) => {
  const [name, ...others] = args.filter((argument) => argument !== '--empty');
  if (name === undefined || others.length > 0 || !/^[a-z][a-z0-9_]*$/.test(name)) throw new UsageError(USAGE);
  const log = createLog({ LOG_LEVEL: 'warn' });
  const difference = args.includes('--empty')
    ? { sql: '-- Write the SQL of this migration here.\n' }
    : await withScratchDatabase(loadSettings().DATABASE_URL, log, async (url) => {
        const pool = createPool(url, 2, log);
        await migrate({ pool }).finally(() => pool.end());
        return compareWithSchema(url);
      });
  if (difference === undefined) {
    console.log('Nothing to do: the migrations build exactly what prisma/schema describes.');
    return 0;
  }
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = path.join(MIGRATIONS_FOLDER, `${time}_${name}`);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'migration.sql'), difference.sql);
  console.log(`Wrote ${path.relative(process.cwd(), folder)}/migration.sql: read it, then npm run db:migrate.`);
  return 0;
});
