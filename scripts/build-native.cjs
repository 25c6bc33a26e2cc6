#!/usr/bin/env node
'use strict';
/* Compiles the addon with node-gyp: `npm run build:native` in a clone, `npx easy11-build` where easy11 is installed.
 *   --if-needed  do nothing when a binary that fits the sources is there, or when EASY11_BACKEND=fallback; and take a
 *                failure lightly (one line, exit 0: the TypeScript fallback gives the same results), unless
 *                EASY11_BACKEND=native */
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { localHeaders } = require('./headers.cjs');
const { withLock } = require('./lock.cjs');

const root = path.resolve(__dirname, '..');
const ifNeeded = process.argv.includes('--if-needed');
const backend = (process.env.EASY11_BACKEND ?? '').toLowerCase();
const strict = !ifNeeded || backend === 'native';
const logFile = path.join(root, 'build-native.log');

const say = (line) => console.log(`easy11: ${line}`);

function giveUp(why) {
  if (strict) {
    console.error(`easy11: no native addon: ${why}`);
    process.exitCode = 1;
  } else {
    say(`no native addon: ${why}; running on the TypeScript fallback (same results, slower)`);
  }
}

/** The addon that would be loaded, if it loads and speaks these sources' ABI. Asked in a child: a bad binary may abort it. */
function usableAddon() {
  const source = fs.readFileSync(path.join(root, 'bindings/addon.cpp'), 'utf8');
  const abi = Number(/kAbi = (\d+)/.exec(source)?.[1]);
  const ask = `
    const file = require('node-gyp-build').resolve(${JSON.stringify(root)});
    const addon = require(file);
    if (addon.abi !== ${abi}) throw new Error('another ABI: ' + addon.abi);
    process.stdout.write(JSON.stringify({ file, isa: addon.isa }));`;
  const child = spawnSync(process.execPath, ['-e', ask], { cwd: root, encoding: 'utf8' });
  return child.status === 0 ? JSON.parse(child.stdout) : undefined;
}

/** In a clone someone edits the sources: a binary compiled before the last edit no longer counts. */
function isOlderThanSources(file) {
  const built = fs.statSync(file).mtimeMs;
  const sources = ['native/src', 'native/include', 'bindings'].flatMap((directory) => {
    const full = path.join(root, directory);
    return fs.readdirSync(full, { recursive: true }).map((name) => path.join(full, String(name)));
  });
  return [...sources, path.join(root, 'binding.gyp'), path.join(root, 'native/sources.json')].some(
    (source) => fs.statSync(source).isFile() && fs.statSync(source).mtimeMs > built,
  );
}

function upToDate() {
  const addon = usableAddon();
  const compiledHere = addon?.file.startsWith(path.join(root, 'build') + path.sep);
  return addon && !(compiledHere && isOlderThanSources(addon.file)) ? addon : undefined;
}

/** Our own node-gyp, or the one that npm carries. By file: npm's package.json exports nothing of its own node_modules. */
function findNodeGyp() {
  const ofNpm = ['../lib/node_modules', '../node_modules', 'node_modules'].map((place) =>
    path.resolve(path.dirname(fs.realpathSync(process.execPath)), place, 'npm/node_modules'),
  );
  const files = [...(require.resolve.paths('node-gyp') ?? []), ...ofNpm].map((place) =>
    path.join(place, 'node-gyp/bin/node-gyp.js'),
  );
  return [...files, process.env.npm_config_node_gyp].find((file) => file && fs.existsSync(file));
}

const DIAGNOSES = [
  [/gyp ERR! find Python/i, 'Python 3 is missing (node-gyp needs it)'],
  [/gyp ERR! find VS/i, 'Visual Studio Build Tools with "Desktop development with C++" are missing'],
  [/not found: g?make|g?make: (command )?not found|spawn g?make ENOENT/i, '"make" is missing'],
  [/(g\+\+|c\+\+|clang(\+\+)?|cc1plus)['"]?: .*(not found|No such file)/i, 'a C++17 compiler is missing'],
  [/network|ENOTFOUND|fetch failed|ECONNREFUSED|EAI_AGAIN/i, 'the headers of Node could not be downloaded (set npm_config_nodedir to a copy)'],
];

function compile(nodeGyp) {
  const headers = localHeaders();
  const flags = ['configure', 'build', '-j', 'max', ...(headers ? [`--nodedir=${headers}`] : [])];
  return new Promise((resolve, reject) => {
    const log = fs.createWriteStream(logFile);
    const child = spawn(process.execPath, [nodeGyp, ...flags], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.on('error', reject);
    child.on('close', (status) => log.end(() => resolve(status)));
  });
}

async function build() {
  const present = ifNeeded ? upToDate() : undefined;
  if (present) return say(`the native addon is up to date (${path.relative(root, present.file)})`);
  const nodeGyp = findNodeGyp();
  if (!nodeGyp) return giveUp('node-gyp is missing (npm install --save-dev node-gyp)');
  const began = Date.now();
  const status = await compile(nodeGyp);
  const shown = path.relative(process.cwd(), logFile);
  if (status !== 0) {
    const output = fs.readFileSync(logFile, 'utf8');
    const why = DIAGNOSES.find(([pattern]) => pattern.test(output))?.[1] ?? 'the compiler reported errors';
    return giveUp(`${why} (log: ${shown})`);
  }
  const addon = usableAddon();
  if (!addon) return giveUp(`it compiled but does not load (log: ${shown})`);
  say(`compiled the native addon in ${((Date.now() - began) / 1000).toFixed(1)} s (instruction set: ${addon.isa})`);
}

if (ifNeeded && backend === 'fallback') {
  say('no native addon: EASY11_BACKEND=fallback asks for none');
} else {
  withLock(path.join(root, 'build/easy11.lock'), build).catch((error) => giveUp(error.message));
}
