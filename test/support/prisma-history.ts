import { readMigrations } from '../../src/platform/database/migrations';
import { SCHEMA_FOLDER, withEngine } from '../../src/platform/database/schema-diff';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Prints what Prisma's schema engine makes of the history of a database: its address, then the folder of migrations. */
async function main(url: string, folder: string): Promise<void> {
  const base = path.join(SCHEMA_FOLDER, 'base.prisma');
  const diagnosis = await withEngine(url, [[base, readFileSync(base, 'utf8')]], (engine) =>
    engine.diagnoseMigrationHistory({
      optInToShadowDatabase: false,
      filters: { externalTables: [], externalEnums: [] },
      migrationsList: {
        baseDir: folder,
        lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"' },
        shadowDbInitScript: '',
        migrationDirectories: readMigrations(folder).map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
        })),
      },
    }),
  );
  console.log(JSON.stringify(diagnosis));
}

main(String(process.argv[2]), String(process.argv[3])).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
