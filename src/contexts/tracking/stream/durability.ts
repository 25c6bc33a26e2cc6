import type { Redis } from 'ioredis';

/** Which road events take, and why. */
export interface Road {
  readonly through: 'stream' | 'database';
  /** To be read after "because". */
  readonly because: string;
}

export type StreamMode = 'auto' | 'on' | 'off';

/**
 * Asks a Redis whether it keeps what it acknowledges, as far as EASY11_EVENT_STREAM wants that asked: it must write an append-only
 * file, and must not make room by deleting keys of any kind. Throws what Redis throws.
 */
export async function chooseRoad(redis: Pick<Redis, 'info'>, mode: StreamMode): Promise<Road> {
  if (mode === 'off') return { through: 'database', because: 'EASY11_EVENT_STREAM is off' };
  if (mode === 'on') return { through: 'stream', because: 'EASY11_EVENT_STREAM is on' };
  const [persistence, memory] = await Promise.all([redis.info('persistence'), redis.info('memory')]);
  if (valueOf(persistence, 'aof_enabled') !== '1')
    return { through: 'database', because: 'Redis writes no append-only file (appendonly is no)' };
  const policy = valueOf(memory, 'maxmemory_policy');
  if (policy?.startsWith('allkeys') && valueOf(memory, 'maxmemory') !== '0')
    return { through: 'database', because: `Redis may delete any key when it is full (maxmemory-policy is ${policy})` };
  return { through: 'stream', because: 'Redis writes an append-only file' };
}

const valueOf = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
