'use strict';
/* npm run build: the database client, the TypeScript (dist/, with the library's ESM face) and the web pages (dist/web). */
const { buildAll, canBuild, say } = require('./steps.cjs');

async function main() {
  if (!canBuild()) throw new Error('the dev dependencies are absent: run npm ci');
  await buildAll();
  say('dist/ is up to date');
}

main().catch((error) => {
  console.error(`easy11: ${error.message}`);
  process.exitCode = 1;
});
