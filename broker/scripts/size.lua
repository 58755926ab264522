-- size.lua: how many jobs of a queue are not over yet.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  queue
-- Reply    ready, scheduled, running. Of jobs that are scheduled or run at the provider it looks at a limited number: there may be more
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: leeward/wire/scripts/parts/withdrawn.lua
-- include: broker/scripts/parts/lane_length.lua
local root, queue = KEYS[1], ARGV[1]
local LOOKED_AT = 5000
local ready = redis.call('ZCARD', root .. 'suspects:' .. queue)
for _, lane in ipairs({ 'interactive', 'normal', 'bulk' }) do
  local own, partitioned = lane_length(root, queue .. ':' .. lane)
  ready = ready + own + partitioned
end

local function count(key)
  local n, ids = 0, redis.call('ZRANGE', root .. key, 0, LOOKED_AT - 1)
  for _, place in ipairs(#ids > 0 and redis.call('HMGET', root .. 'places', unpack(ids)) or {}) do
    n = n + (queue_of(place) == queue and 1 or 0)
  end
  return n
end

return { ready, count('scheduled'), count('leases') }
