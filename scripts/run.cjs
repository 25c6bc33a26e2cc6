'use strict';
/* npm start, npm run import, ...: brings dist/ up to date if it can, then runs dist/cli/<name>.js in this same process, so
 * that signals reach it and its exit code is ours. */
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { buildAll, canBuild, isBuilt, root, say } = require('./steps.cjs');

const commands = [
  'start',
  'als',
  'analytics',
  'import',
  'demo-generate',
  'sandbox-provider',
  'doctor',
  'books',
  'db-new',
  'db-migrate',
  'db-drift',
];

/**
 * npm passes signals on to the shell that it starts us in, and the shell dies without passing them on. So that SIGTERM to
 * `npm start` ends the server, the loss of that parent counts as SIGTERM.
 */
function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
  // A signal that came directly is the end already; without a listener of the command's own it acts as always.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      clearInterval(watch);
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}

async function main() {
  const [name, ...rest] = process.argv.slice(2);
  if (!commands.includes(name)) throw new Error(`usage: node scripts/run.cjs <${commands.join('|')}> [arguments]`);
  const wanted = { pages: name === 'start' };
  const file = path.join(root, 'dist/cli', `${name}.js`);
  if (canBuild()) {
    if (!isBuilt(wanted)) await buildAll(wanted);
  } else if (!fs.existsSync(file)) {
    throw new Error(
      'dist/ is missing and so are the dev dependencies that build it: run npm ci, or copy a built dist/ here',
    );
  } else if (!isBuilt(wanted)) {
    say('dist/ does not fit the sources, and the dev dependencies that rebuild it are absent: running it as it is');
  }
  if (process.env.npm_lifecycle_event) endWithParent();
  process.setSourceMapsEnabled(true);
  process.argv = [process.execPath, file, ...rest];
  // As if it were named on node's command line: require.main is the command's own module.
  Module.runMain(file);
}

main().catch((error) => {
  console.error(`easy11: ${error.message}`);
  process.exitCode = 1;
});
