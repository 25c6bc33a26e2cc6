import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Drill } from './drill';

const ROOT = path.resolve(__dirname, '../..');

/** Runs tests that are files of their own already, and shows what they show. */
async function runJest(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const program = [require.resolve('jest/bin/jest'), '--selectProjects=platform', '--silent=false', ...args];
  const child = spawn(process.execPath, program, { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'inherit' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return code === 0 ? [] : [`jest ended with ${code ?? signal}`];
}

/** The long form of C12. */
export const model: Drill = {
  name: 'model',
  sentence: 'C12: random histories of checkouts, cancellations, dispatches and refunds, against a small model',
  options: { histories: 10_000, seed: 1 },
  run: async (option) => {
    const env = { EASY11_MODEL_HISTORIES: String(option('histories')), EASY11_MODEL_SEED: String(option('seed')) };
    return { broken: await runJest(['--testPathPatterns=contexts/orders/model'], env), figures: { ...env } };
  },
};

/** C13: the tests that break one guard at a time, and find it broken. */
export const mutants: Drill = {
  name: 'mutants',
  sentence: 'C13: one guard of the design is broken at a time, and a named test must notice',
  options: {},
  run: async () => ({
    broken: await runJest(['--testPathPatterns=test/contexts', '--testNamePattern=mutant']),
    figures: {},
  }),
};
