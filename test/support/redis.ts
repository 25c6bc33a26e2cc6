import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { stablePort } from './port';

const PROGRAM = 'redis-server';
const installed = spawnSync(PROGRAM, ['--version']).status === 0;
const configured = process.env.REDIS_URL || undefined;

/** `describe` where a Redis can be had: REDIS_URL, or the program on the path. Elsewhere the tests say that they are skipped. */
export const describeWithRedis = configured !== undefined || installed ? describe : describe.skip;
/** `describe` where a Redis can be started, to be killed. */
export const describeWithOwnRedis = installed ? describe : describe.skip;

export interface OwnRedis {
  readonly url: string;
  freeze(): void;
  thaw(): void;
  /** SIGKILL: what it held is gone. */
  kill(): Promise<void>;
  /** Starts it again, empty, at the same address. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function startOwnRedis(): Promise<OwnRedis> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'easy11-redis-'));
  const port = await stablePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const options = ['--port', String(port), '--save', '', '--appendonly', 'no', '--dir', folder];
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

export interface SharedRedis {
  readonly url: string;
  /** A prefix of its own: nothing else on the server is touched. */
  readonly prefix: string;
  /** For looking from outside. */
  readonly redis: Redis;
  /** Removes every key under the prefix. */
  clean(): Promise<void>;
  close(): Promise<void>;
}

/** The Redis of REDIS_URL, else one that is started for the test. */
export async function openTestRedis(): Promise<SharedRedis> {
  const own = configured === undefined ? await startOwnRedis() : undefined;
  const url = configured ?? own?.url ?? '';
  const prefix = `easy11-test-${randomBytes(8).toString('hex')}`;
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1 });
  await redis.connect();
  const clean = async (): Promise<void> => {
    const keys = await redis.keys(`${prefix}:*`);
    if (keys.length > 0) await redis.del(...keys);
  };
  return {
    url,
    prefix,
    redis,
    clean,
    close: async () => {
      await clean();
      redis.disconnect();
      await own?.remove();
    },
  };
}
