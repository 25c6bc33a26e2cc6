'use strict';
/* Runs after `npm ci` in a clone (never where the package is installed from a registry): builds what `npm start` and
 * `npm test` need. A missing compiler is no failure, unless EASY11_BACKEND=native asks for the addon. */
const { spawn } = require('node:child_process');
const path = require('node:path');
const { buildAll, canBuild, root, say } = require('./steps.cjs');

function buildNative() {
  return new Promise((resolve, reject) => {
    const script = path.join(__dirname, 'build-native.cjs');
    const child = spawn(process.execPath, [script, '--if-needed'], { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve() : reject(new Error('the native addon was required'))));
  });
}

async function main() {
  if (!canBuild()) return say('the dev dependencies are absent, so nothing is built here');
  const results = await Promise.allSettled([buildNative(), buildAll()]);
  const failures = results.filter((result) => result.status === 'rejected').map((result) => result.reason.message);
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

main().catch((error) => {
  console.error(`easy11: ${error.message}`);
  process.exitCode = 1;
});
