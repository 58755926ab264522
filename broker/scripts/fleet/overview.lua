-- overview.lua: how a provider and its queues are, in one step. Costs the same however many jobs wait.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  how long ago a worker may have asked for jobs to count as live, ms
-- ARGV[3+] all queues of the provider
-- Reply    now in ms; of each queue the numbers of interactive, normal and bulk, when the oldest of those that come next was enqueued (ms, 0 for
--          none) and 1 while it is paused; running, scheduled, letters in the outbox, when the first of them died (ms, 0 for none);
--          of the circuit mode, mode_until, state, until, cause, since, hold_until, hold_cause; of the guards enabled, observe, limit;
--          1 where an operator has set enabled; of the latest probe healthy, detail, at; the live workers; when any worker asked last
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: leeward/wire/scripts/parts/withdrawn.lua
-- include: broker/scripts/parts/lane_length.lua
local root, now = KEYS[1], now_ms(ARGV[1])
-- The partitions of a lane take turns: only those that come next are looked at.
local PARTITIONS_LOOKED_AT = 8
-- Cancelled jobs leave their ids where they were.
local IDS_LOOKED_AT = 4

local LANES = { 'interactive', 'normal', 'bulk' }

-- Most lanes have neither partitions nor withdrawn jobs: such a one is its list, and nothing more need be asked.
local lanes, plain = {}, {}
for at = 3, #ARGV do
  for _, lane in ipairs(LANES) do
    lanes[#lanes + 1] = ARGV[at] .. ':' .. lane
  end
end
if #lanes > 0 and redis.call('EXISTS', root .. 'withdrawn_at') == 0 then
  for position, counted in ipairs(redis.call('HMGET', root .. 'partitioned', unpack(lanes))) do
    local lane = lanes[position]
    plain[lane] = (tonumber(counted or '0') or 0) == 0 and redis.call('EXISTS', root .. 'turns:' .. lane) == 0
  end
end

local function enqueued_at(place)
  for _, id in ipairs(redis.call('LRANGE', root .. 'ready:' .. place, 0, IDS_LOOKED_AT - 1)) do
    local message = redis.call('HGET', root .. 'jobs', id)
    -- The last one: what a job carries in its payload comes before.
    local stamp = message and string.match(message, '.*"message_timestamp": ?(%d+)')
    if stamp then
      return tonumber(stamp)
    end
  end
end

local function oldest_of(lane)
  local oldest = enqueued_at(lane)
  if plain[lane] then
    return oldest
  end
  for _, partition in ipairs(redis.call('LRANGE', root .. 'turns:' .. lane, 0, PARTITIONS_LOOKED_AT - 1)) do
    local at = partition ~= '' and enqueued_at(lane .. ':' .. partition)
    oldest = at and math.min(at, oldest or at) or oldest
  end
  return oldest
end

local function length_of(lane)
  if plain[lane] then
    return redis.call('LLEN', root .. 'ready:' .. lane)
  end
  local own, partitioned = lane_length(root, lane)
  return own + partitioned
end

local function queue_overview(queue)
  local found, oldest = {}, nil
  for position, lane in ipairs(LANES) do
    found[position] = length_of(queue .. ':' .. lane)
    local at = found[position] > 0 and oldest_of(queue .. ':' .. lane)
    oldest = at and math.min(at, oldest or at) or oldest
  end
  found[4] = oldest or 0
  found[5] = redis.call('SISMEMBER', root .. 'paused', queue)
  return found
end

local queues = {}
for at = 3, #ARGV do
  queues[#queues + 1] = queue_overview(ARGV[at])
end
local first = redis.call('XRANGE', root .. 'dead', '-', '+', 'COUNT', 1)[1]
local circuit = redis.call('HMGET', root .. 'circuit', 'mode', 'mode_until', 'state', 'until', 'cause', 'since', 'hold_until', 'hold_cause')
return {
  now,
  queues,
  { redis.call('ZCARD', root .. 'leases'), redis.call('ZCARD', root .. 'scheduled'), redis.call('XLEN', root .. 'dead'),
    first and tonumber(string.match(first[1], '^%d+')) or 0 },
  circuit,
  redis.call('HMGET', root .. 'guards', 'enabled', 'observe', 'limit'),
  redis.call('HEXISTS', root .. 'overrides', 'enabled'),
  redis.call('HMGET', root .. 'health', 'healthy', 'detail', 'at'),
  redis.call('ZRANGEBYSCORE', root .. 'workers', now - tonumber(ARGV[2]), '+inf'),
  redis.call('GET', root .. 'seen') or '0',
}
