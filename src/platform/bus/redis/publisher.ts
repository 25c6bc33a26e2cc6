import type { Redis } from 'ioredis';
import { PARTITIONS, toCloudEvent } from '../../outbox';
import type { EventPublisher } from '../port';
import { parseEvent } from './entry';
import { keysOf } from './keys';

/**
 * Every script begins with it: the streams belong to the first shop that comes, and another gets the owner's name and changes
 * nothing. KEYS[1] is where the owner is written, ARGV[1] who asks.
 */
const OWNED = `
local owner = redis.call('GET', KEYS[1])
if not owner then redis.call('SET', KEYS[1], ARGV[1]) elseif owner ~= ARGV[1] then return owner end`;

const END = `${OWNED}
local function last(key)
  local info = redis.pcall('XINFO', 'STREAM', key)
  if info.err then return 0 end
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return tonumber(string.match(info[i + 1], '^%d+')) end
  end
  return 0
end`;

/** The positions at which streams end. */
const POSITIONS = `${END}
local ends = {}
for i = 2, #KEYS do ends[i - 1] = last(KEYS[i]) end
return ends`;

/**
 * Appends if the stream ends where the sender believes: so no event is there twice or out of order, however many
 * senders there are and whatever they do not know of each other. ARGV: the owner, the end, the cap, then position and event
 * in turn.
 */
const PUBLISH = `${END}
local position = last(KEYS[2])
if position ~= tonumber(ARGV[2]) then
  local entry = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
  if entry and entry[1] == position .. '-0' then return {position, entry[2][2]} end
  return {position}
end
for i = 4, #ARGV, 2 do
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], ARGV[i] .. '-0', 'event', ARGV[i + 1])
end
return {}`;

/** ARGV: the owner, where the stream must end, where it is to end. An entry that is removed again moves the end of a stream. */
const RESTART = `${END}
if last(KEYS[2]) ~= tonumber(ARGV[2]) then return 0 end
if ARGV[2] ~= '0' then redis.call('DEL', KEYS[2]) end
if ARGV[3] ~= '0' then
  redis.call('XADD', KEYS[2], ARGV[3] .. '-0', 'event', '')
  redis.call('XDEL', KEYS[2], ARGV[3] .. '-0')
end
return 1`;

/** The streams hold the events of another database. Nothing was written. */
export class BusOwnedError extends Error {
  override readonly name = 'BusOwnedError';
  readonly code = 'bus-owned';
}

/**
 * Publishes to Redis Streams: one stream a partition, an event's position as its entry's id, a CloudEvent as its field.
 * A stream keeps `length` entries and some hundred more: trimming is approximate (MAXLEN ~), which is what makes it cheap.
 * `database` is the name of the one whose events these are; every method throws BusOwnedError where the streams have another's.
 */
export function redisPublisher(redis: Redis, prefix: string, length: number, database: string): EventPublisher {
  const keys = keysOf(prefix);
  const run = async (script: string, on: readonly string[], values: readonly (string | number)[] = []) => {
    const answer = await redis.eval(script, on.length + 1, keys.owner, ...on, database, ...values);
    if (typeof answer !== 'string') return answer;
    throw new BusOwnedError(
      `The streams ${prefix}:events:* hold events of the database ${answer}, and this one is ${database}: give each shop an ` +
        `EASY11_REDIS_PREFIX of its own or, if this database has taken the place of that one, delete the key ${keys.owner}`,
    );
  };
  const streams = Array.from({ length: PARTITIONS }, (_, partition) => keys.stream(partition));
  return {
    name: 'redis',
    positions: async () => {
      const ends = (await run(POSITIONS, streams)) as number[];
      return new Map(ends.map((end, partition) => [partition, end]));
    },
    publish: async (partition, after, events) => {
      const entries = events.flatMap((event) => [event.position, JSON.stringify(toCloudEvent(event))]);
      const answer = (await run(PUBLISH, [keys.stream(partition)], [after, length, ...entries])) as [
        position?: number,
        event?: string,
      ];
      const [position, event] = answer;
      if (position === undefined) return { state: 'published' };
      return { state: 'elsewhere', position, id: idOf(event) };
    },
    restart: async (partition, from, to) => {
      await run(RESTART, [keys.stream(partition)], [from, to]);
    },
    close: () => {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

/** Of what is no event it is one that no event has: whoever put it there took the place of one. */
const idOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : (parseEvent(text)?.id ?? '');
