/**
 * What must happen in Redis in one piece: an entry and the number of events that wait go together, and a group is taken in one
 * round trip. KEYS are the stream and the number of events that wait in it, where a script needs that.
 */

/** ARGV: the most events that may wait, how many these are, the events. Returns how many wait then, or -1: no room, nothing added. */
export const ADD = `
local waiting = tonumber(redis.call('GET', KEYS[2]) or '0')
if waiting + tonumber(ARGV[2]) > tonumber(ARGV[1]) then return -1 end
redis.call('XADD', KEYS[1], '*', 'n', ARGV[2], 'events', ARGV[3])
return redis.call('INCRBY', KEYS[2], ARGV[2])`;

/**
 * Takes entries until they have so many events. ARGV: group, who takes, '>' for new ones or '0' for what it has taken and not
 * finished, how many events, the most entries. Makes the group where there is none, but no stream. Returns how many events wait
 * in all, and entries; one that is gone from the stream has no fields.
 */
export const TAKE = `
local entries, events, from = {}, 0, ARGV[3]
local waiting = tonumber(redis.call('GET', KEYS[2]) or '0')
if redis.call('EXISTS', KEYS[1]) == 0 then return {waiting, entries} end
while events < tonumber(ARGV[4]) and #entries < tonumber(ARGV[5]) do
  local read = redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', 1, 'STREAMS', KEYS[1], from)
  if read and read.err then
    if not string.find(read.err, 'NOGROUP', 1, true) then return read end
    redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0')
  elseif not read or #read[1][2] == 0 then
    break
  else
    local entry = read[1][2][1]
    entries[#entries + 1] = entry
    events = events + (entry[2] and entry[2][1] == 'n' and tonumber(entry[2][2]) or 1)
    if from ~= '>' then from = entry[1] end
  end
end
return {waiting, entries}`;

/**
 * Claims what others have taken and not finished for so long, and forgets processes that are gone and have nothing. ARGV: group,
 * who claims, how long in ms, the most entries, after how many ms a process is gone. Returns how many it claimed.
 */
export const CLAIM = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local claimed, cursor = 0, '0-0'
repeat
  local part = redis.pcall('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], cursor, 'COUNT', ARGV[4], 'JUSTID')
  if part.err then
    if string.find(part.err, 'NOGROUP', 1, true) then return 0 end
    return part
  end
  cursor = part[1]
  claimed = claimed + #part[2]
until cursor == '0-0' or claimed >= tonumber(ARGV[4])
for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local of = {}
  for i = 1, #info, 2 do of[info[i]] = info[i + 1] end
  if of.pending == 0 and of.idle > tonumber(ARGV[5]) and of.name ~= ARGV[2] then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], of.name)
  end
end
return claimed`;

/**
 * Ends entries. ARGV: group, then entry and the number of its events in turn. An entry that somebody else has ended meanwhile is not
 * counted twice, and an empty stream has no events, whatever the count says. Returns how many wait.
 */
export const SETTLE = `
local waiting = tonumber(redis.call('GET', KEYS[2]) or '0')
for i = 2, #ARGV, 2 do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  if redis.call('XDEL', KEYS[1], ARGV[i]) == 1 then waiting = waiting - tonumber(ARGV[i + 1]) end
end
if waiting <= 0 or redis.call('XLEN', KEYS[1]) == 0 then
  redis.call('DEL', KEYS[2])
  return 0
end
redis.call('SET', KEYS[2], string.format('%d', waiting))
return waiting`;

/** Takes a process out of the group, unless it leaves something unfinished: that would be delivered to nobody. ARGV: group, who. */
export const LEAVE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if pending.err or #pending > 0 then return 0 end
return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])`;
