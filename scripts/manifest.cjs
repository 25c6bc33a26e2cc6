'use strict';
/* What is published is the library, not the shop: while `npm pack` or `npm publish` runs, package.json names only what the
 * library needs. The full one waits in a backup and comes back in postpack; if npm is killed before, within a minute; if
 * the machine is, with `node scripts/postpack.cjs`. */
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const manifest = path.join(root, 'package.json');
const backup = path.join(root, 'dist/.package-before-pack.json');
/** npm reads the manifest within moments of prepack. */
const RESTORE_AFTER_MS = 60_000;

/** Fields of the published package.json, in this order. */
const PUBLISHED = [
  'name',
  'version',
  'description',
  'keywords',
  'license',
  'repository',
  'homepage',
  'bugs',
  'author',
  'type',
  'main',
  'types',
  'exports',
  'sideEffects',
  'engines',
  'gypfile',
  'binary',
  'bin',
  'files',
  'dependencies',
];
/** All that dist/core requires, and what compiles the addon at a user's. */
const DEPENDENCIES = ['node-addon-api', 'node-gyp-build'];

/** @param {Record<string, unknown>} full */
function publishedManifest(full) {
  const dependencies = Object.fromEntries(DEPENDENCIES.map((name) => [name, full.dependencies[name]]));
  const fields = PUBLISHED.filter((name) => name in full);
  return Object.fromEntries(fields.map((name) => [name, name === 'dependencies' ? dependencies : full[name]]));
}

const asText = (value) => `${JSON.stringify(value, null, 2)}\n`;

/** Puts the full package.json back, if a pack left the small one. One that was edited since is left alone. */
function restoreManifest() {
  if (!fs.existsSync(backup)) return;
  const full = fs.readFileSync(backup, 'utf8');
  if (fs.readFileSync(manifest, 'utf8') === asText(publishedManifest(JSON.parse(full))))
    fs.writeFileSync(manifest, full);
  fs.rmSync(backup);
}

/** Swaps the published package.json in. */
function trimManifest() {
  restoreManifest();
  const full = fs.readFileSync(manifest, 'utf8');
  fs.mkdirSync(path.dirname(backup), { recursive: true });
  fs.writeFileSync(`${backup}.new`, full);
  fs.renameSync(`${backup}.new`, backup);
  fs.writeFileSync(manifest, asText(publishedManifest(JSON.parse(full))));
  // npm may be killed before postpack: then this process, which outlives it, restores (this backup, not a later pack's).
  const version = String(fs.statSync(backup).mtimeMs);
  spawn(process.execPath, [__filename, '--restore-later', version], { detached: true, stdio: 'ignore' }).unref();
}

module.exports = { publishedManifest, restoreManifest, trimManifest };

if (require.main === module && process.argv[2] === '--restore-later') {
  setTimeout(() => {
    if (fs.existsSync(backup) && String(fs.statSync(backup).mtimeMs) === process.argv[3]) restoreManifest();
  }, RESTORE_AFTER_MS);
}
