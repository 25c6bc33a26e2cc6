/**
 * What must happen in Redis in one piece. Every script that reads or moves events of a partition begins with the lease:
 * a process that was frozen and lost it is told so, and changes nothing.
 */

/** Whoever calls it does not hold the partition any more. */
const FENCED = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end\n`;

/**
 * Takes and renews leases: each live process of the group holds its share of the partitions.
 * KEYS: members, groups, a lease per partition. ARGV: me, how long a lease lasts in ms, group, its dead letters.
 * Returns a pair for each partition held: which, and 1 if it was not held before.
 */
export const TAKE_LEASES = `
local me, ttl = ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ttl)
redis.call('ZADD', KEYS[1], now, me)
redis.call('PEXPIRE', KEYS[1], ttl)
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
local share = math.ceil((#KEYS - 2) / redis.call('ZCARD', KEYS[1]))
local held, free = {}, {}
for i = 3, #KEYS do
  local holder = redis.call('GET', KEYS[i])
  if not holder then
    free[#free + 1] = i
  elseif holder == me and #held < share then
    redis.call('PEXPIRE', KEYS[i], ttl)
    held[#held + 1] = {i - 3, 0}
  elseif holder == me then
    redis.call('DEL', KEYS[i])
  end
end
for _, i in ipairs(free) do
  if #held < share then
    redis.call('SET', KEYS[i], me, 'PX', ttl)
    held[#held + 1] = {i - 3, 1}
  end
end
return held`;

/** KEYS: members, a lease per partition. ARGV: me. */
export const RELEASE_LEASES = `
redis.call('ZREM', KEYS[1], ARGV[1])
for i = 2, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then redis.call('DEL', KEYS[i]) end
end`;

/**
 * The next entries of a stream. KEYS: lease, stream. ARGV: me, group, how many. Makes the group where there is none.
 * Returns the last entry that the group had read before, and entries.
 */
export const READ = `${FENCED}
local last
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[2])
for _, group in ipairs(groups.err and {} or groups) do
  local name, delivered
  for i = 1, #group, 2 do
    if group[i] == 'name' then name = group[i + 1] end
    if group[i] == 'last-delivered-id' then delivered = group[i + 1] end
  end
  if name == ARGV[2] then last = delivered end
end
if not last then
  redis.call('XGROUP', 'CREATE', KEYS[2], ARGV[2], '0', 'MKSTREAM')
  last = '0-0'
end
local read = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[1], 'COUNT', ARGV[3], 'STREAMS', KEYS[2], '>')
return {last, read and read[1][2] or {}}`;

/**
 * Claims what any process of the group has read and not finished: all of it is abandoned, since only the holder of the
 * lease reads. KEYS: lease, stream. ARGV: me, group. Returns the entries in order, and how many the stream has dropped.
 */
export const CLAIM = `${FENCED}
local entries, gone, cursor = {}, 0, '0-0'
repeat
  local claimed = redis.pcall('XAUTOCLAIM', KEYS[2], ARGV[2], ARGV[1], 0, cursor, 'COUNT', 1000)
  if claimed.err then return {entries, gone} end
  cursor = claimed[1]
  for _, entry in ipairs(claimed[2]) do entries[#entries + 1] = entry end
  gone = gone + #(claimed[3] or {})
until cursor == '0-0'
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[2], ARGV[2])) do
  if consumer[2] ~= ARGV[1] then redis.call('XGROUP', 'DELCONSUMER', KEYS[2], ARGV[2], consumer[2]) end
end
return {entries, gone}`;

/**
 * Moves an entry from the stream to the dead letters and parks its aggregate, where it has one.
 * KEYS: lease, stream, dead letters, parked, attempts. ARGV: me, group, entry, event id, aggregate, state, attempts,
 * error, event.
 */
export const BURY = `${FENCED}
redis.call('XADD', KEYS[3], '*', 'event', ARGV[9], 'state', ARGV[6], 'attempts', ARGV[7], 'error', ARGV[8],
  'aggregate', ARGV[5], 'group', ARGV[2])
if ARGV[5] ~= '' then redis.call('SADD', KEYS[4], ARGV[5]) end
redis.call('XACK', KEYS[2], ARGV[2], ARGV[3])
redis.call('HDEL', KEYS[5], ARGV[4])
return 1`;

/** No letter of the aggregate is left, or a replay came to nothing. KEYS: lease, replay, parked. ARGV: me, aggregate, 1 to unpark. */
export const END_REPLAY = `${FENCED}
redis.call('SREM', KEYS[2], ARGV[2])
if ARGV[3] == '1' then redis.call('SREM', KEYS[3], ARGV[2]) end
return 1`;
