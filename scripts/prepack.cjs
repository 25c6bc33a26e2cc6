'use strict';
/* Before `npm pack` and `npm publish`: a fresh dist/core, from src/core alone, and the published package.json. */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { writeEsmFace } = require('./esm.cjs');
const { restoreManifest, trimManifest } = require('./manifest.cjs');

const root = path.resolve(__dirname, '..');
const core = path.join(root, 'dist/core');

restoreManifest();
// Files of sources that are gone must not be shipped.
fs.rmSync(core, { recursive: true, force: true });
const compiler = path.join(root, 'node_modules/typescript7/bin/tsc');
const tsc = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.core.json'], { cwd: root, stdio: 'inherit' });
if (tsc.status !== 0) process.exit(1);
writeEsmFace(core);
trimManifest();
