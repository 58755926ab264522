-- expire.lua: ends jobs whose deadline has passed in queues that no worker serves. A worker does so itself when it gets one.
--
-- Purpose  walks over a provider's jobs, a few at a time, and makes dead letters of those that are late and do not run.
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  where to continue: '0' to begin, then what the last reply said
-- ARGV[3]  how many jobs to look at, about
-- ARGV[4]  how long the outcome of a dead job is kept, ms
-- ARGV[5]  how long its idempotency key answers where no guards say otherwise, ms
-- ARGV[6+] two per queue that no worker serves: its name, the error as JSON
-- Reply    where to continue, '0' at the end; how many were ended
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: leeward/wire/scripts/parts/withdrawn.lua
-- include: broker/guards/limits/config.lua
-- include: broker/scripts/parts/memory_limit.lua
-- include: leeward/wire/scripts/parts/flow.lua
-- include: broker/scripts/parts/dead_letter.lua
local root, now = KEYS[1], now_ms(ARGV[1])
local config = guard_config(root)
local key_ms = config and config.key_kept_ms or ARGV[5]
local errors = {}
for at = 6, #ARGV, 2 do
  errors[ARGV[at]] = ARGV[at + 1]
end
even_when_full(root)

-- Reading all of a message is slow: only one that may be late is.
local function is_late(message)
  local stamp = message and string.match(message, '.*"deadline": ?(%d+)')
  if not stamp or tonumber(stamp) >= now then
    return false
  end
  local readable, decoded = pcall(cjson.decode, message)
  local options = readable and type(decoded) == 'table' and decoded.options
  local deadline = type(options) == 'table' and options.deadline
  return type(deadline) == 'number' and deadline < now
end

local function expire(id, place, message)
  local handed = bury(root, now, id, 'expired', errors[queue_of(place)], message, redis.call('HGET', root .. 'deliveries', id), ARGV[4], key_ms)
  if redis.call('ZREM', root .. 'scheduled', id) + redis.call('ZREM', root .. 'suspects:' .. queue_of(place), id) == 0 then
    withdraw(root, id, place)
  end
  return handed
end

local slice = redis.call('HSCAN', root .. 'places', ARGV[2], 'COUNT', ARGV[3])
local ended, handed = 0, false
for at = 1, #slice[2], 2 do
  local id, place = slice[2][at], slice[2][at + 1]
  if id ~= '' and errors[queue_of(place)] and not redis.call('ZSCORE', root .. 'leases', id) then
    local message = redis.call('HGET', root .. 'jobs', id)
    if is_late(message) then
      handed = expire(id, place, message) or handed
      ended = ended + 1
    end
  end
end
if ended > 0 then
  tell_drainers(root)
end
if handed then
  announce_handovers()
end
return { slice[1], ended }
