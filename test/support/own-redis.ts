import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { stablePort } from './port';

export const PROGRAM = 'redis-server';

export interface OwnRedis {
  readonly url: string;
  freeze(): void;
  thaw(): void;
  /** SIGKILL: what it held is gone, unless it writes an append-only file. */
  kill(): Promise<void>;
  /** Starts it again at the same address, with what is in its append-only file. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** Starts a Redis that keeps nothing, or writes an append-only file, on the disk before it answers, into a folder that outlives it. */
export async function startOwnRedis({ appendOnly = false } = {}): Promise<OwnRedis> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'easy11-redis-'));
  const port = await stablePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const log = appendOnly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const options = ['--port', String(port), '--save', '', ...log, '--dir', folder];
    const started = spawn(PROGRAM, [...options, '--bind', '127.0.0.1'], { stdio: 'ignore' });
    child = started;
    // However long the program takes to come up: the command waits in the client until there is a connection.
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => 20, maxRetriesPerRequest: null });
    redis.on('error', () => undefined); // not up yet: it tries again
    const ended = new Promise<never>((_, reject) => {
      started.once('exit', (code) => reject(new Error(`${PROGRAM} ended with ${code}`)));
    });
    ended.catch(() => undefined); // it is killed later: only an end before it answers is a failure
    try {
      await redis.connect().catch(() => undefined);
      await Promise.race([redis.ping(), ended]);
    } finally {
      redis.disconnect();
    }
  };
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    kill,
    start,
    remove: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
