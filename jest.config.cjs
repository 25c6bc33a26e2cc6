'use strict';
const { availableParallelism } = require('node:os');
const base = {
  testEnvironment: '<rootDir>/test/support/environment.cjs',
  rootDir: __dirname,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
    '(hyparquet|augurs).*\\.js$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }],
  },
  // Published as ES modules only: turned into CommonJS here.
  transformIgnorePatterns: ['/node_modules/(?!hyparquet|@bsull)'],
  // A test file's globals are looked up in a sandbox, which makes a call of Math.abs ten times as dear; these are handed in.
  sandboxInjectedGlobals: [
    ...['Array', 'Math', 'Number', 'Object', 'String', 'BigInt', 'Map', 'Set', 'Infinity', 'ArrayBuffer', 'DataView'],
    ...['Uint8Array', 'Uint16Array', 'Uint32Array', 'Int32Array', 'Float32Array', 'Float64Array', 'BigUint64Array'],
  ],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/build', '<rootDir>/.easy11'],
};

function addonLoads() {
  try {
    require('node-gyp-build')(__dirname);
    return true;
  } catch {
    console.error('The native addon is not built: the conformance suite runs on the fallback only.');
    return false;
  }
}

// The conformance suite runs once per backend, over the same files: native and fallback are one product.
// EASY11_BACKEND narrows it to one; asked for by name, a native backend that does not load is a failure.
const only = process.env.EASY11_BACKEND;
const backends =
  only === 'native' || only === 'fallback' ? [only] : addonLoads() ? ['native', 'fallback'] : ['fallback'];
const conformance = backends.map((backend) => ({
  ...base,
  displayName: backend,
  testMatch: ['<rootDir>/test/core/conformance/**/*.test.ts'],
  setupFiles: [`<rootDir>/test/support/${backend}.setup.cjs`],
}));

module.exports = {
  // A deadline of waiting, for machines that are several times slower or busy with others; a test that passes never sees it.
  testTimeout: 180_000,
  // More than there are cores: suites that start servers, databases and browsers wait for them a third of their time.
  maxWorkers: availableParallelism() + 2,
  testSequencer: '<rootDir>/test/support/sequencer.cjs',
  projects: [
    ...conformance,
    {
      ...base,
      displayName: 'platform',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/core/conformance/'],
    },
  ],
};
