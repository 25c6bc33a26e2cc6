'use strict';
/* npm run test:native: builds the C++ core without Node and runs its tests.
 *   (default)         AddressSanitizer and UndefinedBehaviourSanitizer
 *   -- --tsan         ThreadSanitizer instead
 *   -- --arm64        cross-compiled, without sanitizers, under qemu-user
 *   -- --stress=600   only the tests of many threads, for as many seconds each; with --tsan under ThreadSanitizer
 *   -- --compile      only builds them
 *   -- --fuzz=20      libFuzzer with Clang, each target for 20 seconds */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const flags = process.argv.slice(2);
const numberOf = (name) => Number(flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3) ?? 0);
const fuzzSeconds = numberOf('fuzz');
const stressSeconds = numberOf('stress');

// Optimised, else the random tests take minutes; -Og compiles in three fifths of the time of -O1, and the tests run as long. With
// assertions, unlike CMake's own RelWithDebInfo. Line numbers are what a report needs.
const SANITIZED = ['-DCMAKE_BUILD_TYPE=Debug', '-DCMAKE_CXX_FLAGS_DEBUG=-Og -g1'];
const kinds = {
  asan: { options: [...SANITIZED, '-DEASY11_SANITIZE=address,undefined'], programs: [] },
  tsan: { options: [...SANITIZED, '-DEASY11_SANITIZE=thread'], programs: [] },
  arm64: {
    options: ['-DCMAKE_TOOLCHAIN_FILE=cmake/aarch64-linux-gnu.cmake'],
    programs: ['aarch64-linux-gnu-g++', 'qemu-aarch64-static'],
  },
  fuzz: {
    options: [
      ...SANITIZED,
      '-DEASY11_SANITIZE=address,undefined',
      '-DCMAKE_CXX_COMPILER=clang++',
      '-DEASY11_BUILD_FUZZ=ON',
      '-DEASY11_BUILD_TESTS=OFF',
    ],
    programs: ['clang++'],
  },
};
const PACKAGES = {
  cmake: 'cmake',
  'clang++': 'clang and libclang-rt-dev',
  'aarch64-linux-gnu-g++': 'g++-aarch64-linux-gnu',
  'qemu-aarch64-static': 'qemu-user-static',
};

const has = (program) => !spawnSync(program, ['--version'], { stdio: 'ignore' }).error;

function stop(message) {
  console.error(`easy11: ${message}`);
  process.exit(1);
}

function run(program, args, environment = {}) {
  const child = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });
  if (child.error) stop(`${program} did not start: ${child.error.message}`);
  if (child.status !== 0) stop(`${program} ${args.join(' ')} failed (${child.signal ?? `exit ${child.status}`})`);
}

function fuzz(build) {
  const targets = fs.readdirSync(build).filter((name) => /^fuzz_\w+$/.test(name));
  if (targets.length === 0) stop('there is no fuzz target in native/fuzz');
  for (const target of targets)
    run(path.join(build, target), [`-max_total_time=${fuzzSeconds}`, '-print_final_stats=1']);
}

const kind = fuzzSeconds > 0 ? 'fuzz' : (['tsan', 'arm64'].find((name) => flags.includes(`--${name}`)) ?? 'asan');
const { options, programs } = kinds[kind];
const missing = ['cmake', ...programs].filter((program) => !has(program));
if (missing.length > 0)
  stop(`missing: ${missing.map((program) => `${program} (Debian: ${PACKAGES[program]})`).join(', ')}`);
if (!has('ninja') && !has('make')) stop('missing: ninja (Debian: ninja-build) or make');
if (kind !== 'arm64' && !has(process.env.CXX ?? 'c++') && kind !== 'fuzz')
  stop('missing: a C++17 compiler (Debian: g++)');

const build = path.join(root, `build-${kind}`);
const generator = has('ninja') ? 'Ninja' : 'Unix Makefiles';
const cores = String(os.availableParallelism());
run('cmake', ['-S', '.', '-B', build, '-G', generator, '--log-level=WARNING', ...options]);
run('cmake', ['--build', build, '--parallel', cores]);
if (flags.includes('--compile')) process.exit(0);
if (kind === 'fuzz') fuzz(build);
else {
  const which = stressSeconds > 0 ? ['--tests-regex', 'threads|sharing', '--verbose'] : ['--output-on-failure'];
  run('ctest', ['--test-dir', build, ...which, '--no-tests=error', '--parallel', cores], {
    UBSAN_OPTIONS: 'print_stacktrace=1',
    TSAN_OPTIONS: 'halt_on_error=1',
    ...(stressSeconds > 0 ? { EASY11_STRESS_SECONDS: String(stressSeconds) } : {}),
  });
}
