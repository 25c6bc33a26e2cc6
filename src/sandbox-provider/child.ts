import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Log } from '../platform/log';
import { neededEnvironment } from '../platform/programs';

/** How the program says that it is ready. */
export const READY_LINE = /^Sandbox payment provider: (http:\/\/\S+)$/m;

/** The sandbox provider as a process of ours. */
export interface SandboxProcess {
  /** Resolves when it is ready; rejects when it did not become so. */
  readonly url: Promise<string>;
  readonly secret: string;
  readonly pid: number | undefined;
  /** Tells the provider something at its /control: faults, a webhook's address, a time during which it is down, that what is pending ends. */
  control(change: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
}

export interface SandboxProcessOptions {
  readonly log: Log;
  /** The file of its books; without one they end with it. */
  readonly journal?: string;
}

export const newSandboxSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`;

/** Starts the provider beside us, on any free port. It ends when we do, however we end: its standard input is ours. */
export function startSandboxProcess({ log, journal }: SandboxProcessOptions): SandboxProcess {
  const extension = path.extname(__filename); // .ts under a test, .js under `npm start`
  const program = path.resolve(__dirname, `../cli/sandbox-provider${extension}`);
  const secret = newSandboxSecret();
  const child = spawn(
    process.execPath,
    [
      ...(extension === '.ts' ? ['--import', require.resolve('tsx')] : []),
      program,
      '--port=0',
      '--with-parent',
      ...(journal === undefined ? [] : [`--journal=${journal}`]),
    ],
    { stdio: ['pipe', 'pipe', 'pipe'], env: { ...neededEnvironment(), EASY11_SANDBOX_SECRET: secret } },
  );
  // Whoever writes to a process that is gone is told so; there is nothing to do about it.
  child.stdin.on('error', (error) => log.debug({ err: error }, 'The sandbox payment provider is gone'));
  child.stderr.on('data', (chunk: Buffer) => log.warn({ output: chunk.toString() }, 'Sandbox payment provider'));
  let closing = false;
  // Comes after the error too of a program that could not be started.
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      if (!closing) log.error({ code, signal }, 'The sandbox payment provider ended: payments fail until a restart');
      resolve();
    });
  });
  const url = new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-2_000);
      const address = READY_LINE.exec(output)?.[1];
      if (address) resolve(address);
    });
    child.on('error', reject);
    void ended.then(() => reject(new Error('The sandbox payment provider did not start')));
  });
  url.catch(() => undefined); // whoever needs the address sees the error
  return {
    url,
    secret,
    pid: child.pid,
    control: async (change) => {
      const answer = await fetch(`${await url}/control`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(change),
      });
      if (!answer.ok) throw new Error(`The sandbox payment provider refused: ${await answer.text()}`);
    },
    close: async () => {
      closing = true;
      child.stdin.end();
      await ended;
    },
  };
}
