'use strict';
// Writes the typed database client from prisma/schema/*.prisma into src/platform/database/generated.
// Works without the internet: see the comment on PRISMA_SCHEMA_ENGINE_BINARY below.
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const schemaFolder = path.join(root, 'prisma', 'schema');
const output = path.join(root, 'src', 'platform', 'database', 'generated');
const stampFile = path.join(output, '.stamp');

/** What the client depends on: every schema file and Prisma's version. */
function stamp() {
  const hash = createHash('sha256').update(require('prisma/package.json').version);
  for (const name of fs.readdirSync(schemaFolder).sort()) {
    if (name.endsWith('.prisma')) hash.update(`\0${name}\0`).update(fs.readFileSync(path.join(schemaFolder, name)));
  }
  return hash.digest('hex');
}

/**
 * Generates the client unless it is already that of the present schema.
 * Returns `{ generated }`: whether it had to. Throws with Prisma's own words when the schema is wrong.
 */
function generatePrismaClient({ force = false } = {}) {
  const wanted = stamp();
  if (!force && fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === wanted) return { generated: false };
  const command = path.join(path.dirname(require.resolve('prisma/package.json')), 'build', 'index.js');
  const result = spawnSync(process.execPath, [command, 'generate'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      // The command line downloads a schema engine before it does anything, though `generate` never runs it.
      // Naming any real program here prevents that. Node itself, never a program that would exit 0 when it is run by
      // mistake: `prisma migrate deploy` would then report success and do nothing.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    throw new Error(
      `prisma generate failed (exit ${result.status ?? result.signal}):\n${result.stdout}${result.stderr}`,
    );
  }
  fs.writeFileSync(stampFile, wanted);
  return { generated: true };
}

module.exports = { generatePrismaClient };

if (require.main === module) {
  try {
    const { generated } = generatePrismaClient({ force: process.argv.includes('--force') });
    console.log(generated ? 'Generated the database client.' : 'The database client is up to date.');
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
