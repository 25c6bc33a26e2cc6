import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { PROGRAM, startOwnRedis } from './own-redis';

export { startOwnRedis, type OwnRedis } from './own-redis';

const installed = spawnSync(PROGRAM, ['--version']).status === 0;
const configured = process.env.REDIS_URL || undefined;

/** `describe` where a Redis can be had: REDIS_URL, or the program on the path. Elsewhere the tests say that they are skipped. */
export const describeWithRedis = configured !== undefined || installed ? describe : describe.skip;
/** `describe` where a Redis can be started, to be killed. */
export const describeWithOwnRedis = installed ? describe : describe.skip;

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
