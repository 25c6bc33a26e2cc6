import type { Redis } from 'ioredis';
import type { DeadLetter, LetterSelection } from '../../outbox';
import { keysOf } from './keys';
import { fieldOf, lettersOf, toEntry, type RawEntry } from './entry';
import type { Failure } from './lane';

/** The dead letters of those who read the bus, seen from the shop. Everything throws while Redis is away. */
export interface BusLetters {
  /** Of one group or of all, a group after the other, the oldest first. */
  list(group: string | undefined, limit: number): Promise<DeadLetter[]>;
  find(id: string): Promise<DeadLetter | undefined>;
  /** Has the readers try an aggregate's letters again, in order, once; or all of the group's. Returns how many aggregates. */
  replay(selection: LetterSelection): Promise<number>;
}

const ID = /^([a-z0-9-]+)\.(\d{1,20}-\d{1,20})$/;

export function busLetters(redis: Redis, prefix: string): BusLetters {
  const keys = keysOf(prefix);

  const present = async (group: string, entries: readonly RawEntry[]): Promise<DeadLetter[]> => {
    if (entries.length === 0) return [];
    const failures = await redis.hmget(keys.failures(group), ...entries.map(([id]) => id));
    const asked = new Set(await redis.smembers(keys.replay(group)));
    return entries.map(([id, fields], i) => {
      const { event } = toEntry([id, fields]);
      const aggregate = event?.partitionkey ?? '';
      const replayed = failures[i] ? (JSON.parse(failures[i]) as Failure) : undefined;
      const error = replayed?.error ?? fieldOf(fields, 'error');
      const state = replayed ? 'dead' : (fieldOf(fields, 'state') as 'dead' | 'waiting');
      return {
        id: `${group}.${id}`,
        group,
        aggregate,
        version: Number(event?.sequence ?? 0),
        type: event?.type ?? '',
        state: state === 'dead' && asked.has(aggregate) ? 'retrying' : state,
        attempts: replayed?.attempts ?? Number(fieldOf(fields, 'attempts')),
        error: error === '' ? null : error,
        createdAt: new Date(Number(id.slice(0, id.indexOf('-')))),
      };
    });
  };

  const groupsOf = async (group: string | undefined): Promise<[group: string, dead: string][]> => {
    const all = Object.entries(await redis.hgetall(keys.groups)).sort();
    return group === undefined ? all : all.filter(([name]) => name === group);
  };

  return {
    list: async (group, limit) => {
      const letters: DeadLetter[] = [];
      for (const [name, dead] of await groupsOf(group)) {
        const entries: RawEntry[] = [];
        if (letters.length < limit)
          for await (const entry of lettersOf(redis, dead, name))
            if (entries.push(entry) === limit - letters.length) break;
        letters.push(...(await present(name, entries)));
      }
      return letters;
    },
    find: async (id) => {
      const [, group = '', entry = ''] = ID.exec(id) ?? [];
      const dead = group === '' ? null : await redis.hget(keys.groups, group);
      const entries = dead === null ? [] : await redis.xrange(dead, entry, entry);
      const own = entries.filter(([, fields]) => fieldOf(fields, 'group') === group);
      return (await present(group, own))[0];
    },
    replay: async ({ group, aggregate }) => {
      const parked = await redis.smembers(keys.parked(group));
      const asked = parked.filter((one) => aggregate === undefined || one === aggregate);
      if (asked.length > 0) await redis.sadd(keys.replay(group), ...asked);
      return asked.length;
    },
  };
}
