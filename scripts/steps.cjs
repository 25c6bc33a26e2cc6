'use strict';
/* The steps that make dist/ from the sources. Each runs only when its inputs changed since it last succeeded. */
const { spawn } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { writeEsmFace } = require('./esm.cjs');
const { withLock } = require('./lock.cjs');

const root = path.resolve(__dirname, '..');
const dist = path.join(root, 'dist');
const inRoot = (...parts) => path.join(root, ...parts);
const say = (line) => console.log(`easy11: ${line}`);

/** Whether a package is installed here. Dev dependencies are absent after `npm ci --omit=dev`. */
function isInstalled(name) {
  return fs.existsSync(inRoot('node_modules', name, 'package.json'));
}
// All of them: some come as peers of dependencies even so.
const canBuild = () => ['typescript7', '@types/node', 'prisma', 'vite'].every(isInstalled);

const IGNORED = new Set(['node_modules', 'dist', '.DS_Store']);

function filesUnder(place) {
  if (!fs.existsSync(place)) return [];
  if (fs.statSync(place).isFile()) return [place];
  return fs
    .readdirSync(place, { withFileTypes: true })
    .filter((entry) => !IGNORED.has(entry.name))
    .flatMap((entry) => filesUnder(path.join(place, entry.name)))
    .sort();
}

/** Content, not modification times: a checkout, a copy or a restored cache changes times without changing anything. */
function fingerprint(inputs) {
  const hash = createHash('sha1').update(process.versions.node);
  for (const file of inputs.flatMap((input) => filesUnder(inRoot(input))))
    hash.update(`\0${path.relative(root, file)}\0`).update(fs.readFileSync(file));
  return hash.digest('hex');
}

/** Runs a program of a package with node; throws with its output when it fails. */
function runTool(file, flags) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [inRoot('node_modules', file), ...flags], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === 0) resolve(output);
      else
        reject(
          new Error(
            `${path.basename(file)} ${flags.join(' ')} failed (${signal ?? `exit ${status}`}):\n${output.trim()}`,
          ),
        );
    });
  });
}

/** The SQL models lie beside the code that reads them, in dist/ too; those that are gone from src/ go. */
function copyQueries() {
  const folder = 'contexts/analytics/models';
  if (!fs.existsSync(inRoot('src', folder))) return;
  fs.rmSync(path.join(dist, folder), { recursive: true, force: true });
  fs.cpSync(inRoot('src', folder), path.join(dist, folder), { recursive: true });
}

const typescript = {
  name: 'TypeScript',
  inputs: ['src', 'tsconfig.json', 'tsconfig.build.json', 'scripts/esm.cjs', 'package-lock.json'],
  output: 'dist/.tsbuildinfo',
  async run() {
    await runTool('typescript7/bin/tsc', ['-p', 'tsconfig.build.json']);
    copyQueries();
    if (fs.existsSync(inRoot('src/core/index.ts'))) writeEsmFace(path.join(dist, 'core'));
  },
};

const web = {
  name: 'the web pages',
  inputs: ['web', 'src/kernel/money.ts', 'package-lock.json'],
  output: 'dist/web/index.html',
  async run() {
    // Beside its place and then swapped in: a server that is running never sees half of a build.
    const fresh = path.join(dist, '.web-next');
    await runTool('vite/bin/vite.js', ['build', 'web', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn']);
    fs.rmSync(path.join(dist, 'web'), { recursive: true, force: true });
    fs.renameSync(fresh, path.join(dist, 'web'));
  },
};

const stampOf = (step) => path.join(dist, '.stamps', step.name.replaceAll(' ', '-'));

function isFresh(step) {
  return (
    fs.existsSync(inRoot(step.output)) &&
    fs.existsSync(stampOf(step)) &&
    fs.readFileSync(stampOf(step), 'utf8') === fingerprint(step.inputs)
  );
}

const since = (began) => `${((Date.now() - began) / 1000).toFixed(1)} s`;

async function runStep(step) {
  if (isFresh(step)) return;
  const began = Date.now();
  const inputs = fingerprint(step.inputs); // before: what changes meanwhile is not in the output
  say(`building ${step.name} ...`);
  fs.rmSync(stampOf(step), { force: true });
  await step.run();
  fs.mkdirSync(path.dirname(stampOf(step)), { recursive: true });
  fs.writeFileSync(stampOf(step), inputs);
  say(`built ${step.name} in ${since(began)}`);
}

/** The typed database client comes first: the TypeScript imports it. */
function generateClient() {
  if (!fs.existsSync(inRoot('prisma/schema'))) return say('no database schema yet, so no database client');
  const { generatePrismaClient } = require('./prisma-generate.cjs');
  const began = Date.now();
  if (generatePrismaClient().generated) say(`generated the database client in ${since(began)}`);
}

/** The steps that a command needs: only the server shows web pages. */
function stepsFor({ pages }) {
  const hasPages = fs.existsSync(inRoot('web/vite.config.ts'));
  return pages && hasPages ? [typescript, web] : [typescript];
}

/**
 * Makes dist/ what the sources say, one process at a time.
 * @param {{ pages?: boolean }} [wanted]
 */
async function buildAll({ pages = true } = {}) {
  await withLock(path.join(dist, '.build.lock'), async () => {
    // The pages do not depend on the rest: both at once.
    const results = await Promise.allSettled([
      pages && stepsFor({ pages }).includes(web) ? runStep(web) : undefined,
      (async () => {
        generateClient();
        await runStep(typescript);
      })(),
    ]);
    const failures = results.filter((result) => result.status === 'rejected').map((result) => result.reason.message);
    if (failures.length > 0) throw new Error(failures.join('\n\n'));
  });
}

/** Only the web pages: what the tests in a browser need. */
async function buildPages() {
  await withLock(path.join(dist, '.build.lock'), () => runStep(web));
}

/** Whether dist/ fits the sources. True when there are none, as in an image that carries only dist/. */
function isBuilt({ pages = true } = {}) {
  if (!fs.existsSync(inRoot('src'))) return true;
  return stepsFor({ pages }).every(isFresh);
}

module.exports = { buildAll, buildPages, canBuild, isBuilt, root, say };
