import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Log } from './log';

/** What a program of Node needs of our environment. The rest is not its business: our own secrets are in there. */
const NEEDED = ['PATH', 'HOME', 'TMPDIR', 'TMP', 'TEMP', 'LANG', 'TZ', 'NODE_ENV', 'SystemRoot'];

/** The part of our environment that a program of ours is started with, and what of the rest is named. */
export const neededEnvironment = (further: readonly string[] = []): NodeJS.ProcessEnv =>
  Object.fromEntries(
    [...NEEDED, ...further].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );

export interface ForkOptions {
  /** Without an extension: .ts under a test, .js under `npm start`. */
  readonly program: string;
  /** Gets what the program writes to its standard error. */
  readonly log: Log;
  /** Stands in the log before it. */
  readonly name: string;
  /** Names of the environment that the program needs besides. */
  readonly further?: readonly string[];
}

/** Starts a program of ours as a process that speaks with this one by messages, in which everything else is told to it. */
export function forkProgram({ program, log, name, further = [] }: ForkOptions): ChildProcess {
  const extension = path.extname(__filename);
  const child = fork(`${program}${extension}`, {
    env: neededEnvironment(further),
    execArgv: extension === '.ts' ? ['--import', require.resolve('tsx')] : ['--enable-source-maps'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  child.stderr?.on('data', (chunk: Buffer) => log.warn({ output: chunk.toString() }, name));
  return child;
}
