import type { Redis } from 'ioredis';
import { PARTITIONS, toCloudEvent } from '../../outbox';
import type { EventPublisher } from '../port';
import { keysOf } from './keys';

const END = `
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
for i = 1, #KEYS do ends[i] = last(KEYS[i]) end
return ends`;

/**
 * Appends if the stream ends where the sender believes: so no event is there twice or out of order, however many
 * senders there are and whatever they do not know of each other. ARGV: the end, the cap, then position and event in turn.
 */
const PUBLISH = `${END}
local position = last(KEYS[1])
if position ~= tonumber(ARGV[1]) then
  local entry = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  if entry and entry[1] == position .. '-0' then return {position, entry[2][2]} end
  return {position}
end
for i = 3, #ARGV, 2 do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], ARGV[i] .. '-0', 'event', ARGV[i + 1])
end
return {}`;

/** ARGV: where the stream must end, where it is to end. An entry that is removed again moves the end of a stream. */
const RESTART = `${END}
if last(KEYS[1]) ~= tonumber(ARGV[1]) then return 0 end
if ARGV[1] ~= '0' then redis.call('DEL', KEYS[1]) end
if ARGV[2] ~= '0' then
  redis.call('XADD', KEYS[1], ARGV[2] .. '-0', 'event', '')
  redis.call('XDEL', KEYS[1], ARGV[2] .. '-0')
end
return 1`;

/**
 * Publishes to Redis Streams: one stream a partition, an event's position as its entry's id, a CloudEvent as its field.
 * A stream keeps `length` entries and some hundred more: trimming is approximate (MAXLEN ~), which is what makes it cheap.
 */
export function redisPublisher(redis: Redis, prefix: string, length: number): EventPublisher {
  const keys = keysOf(prefix);
  const streams = Array.from({ length: PARTITIONS }, (_, partition) => keys.stream(partition));
  return {
    name: 'redis',
    positions: async () => {
      const ends = (await redis.eval(POSITIONS, streams.length, ...streams)) as number[];
      return new Map(ends.map((end, partition) => [partition, end]));
    },
    publish: async (partition, after, events) => {
      const entries = events.flatMap((event) => [event.position, JSON.stringify(toCloudEvent(event))]);
      const answer = (await redis.eval(PUBLISH, 1, keys.stream(partition), after, length, ...entries)) as [
        position?: number,
        event?: string,
      ];
      const [position, event] = answer;
      if (position === undefined) return { state: 'published' };
      return { state: 'elsewhere', position, id: idOf(event) };
    },
    restart: async (partition, from, to) => {
      await redis.eval(RESTART, 1, keys.stream(partition), from, to);
    },
    close: () => {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

function idOf(event: string | undefined): string | undefined {
  return event === undefined ? undefined : (JSON.parse(event) as { id?: string }).id;
}
