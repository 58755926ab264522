-- size.lua: how many jobs of a queue are not over yet. Costs one step per job that is scheduled or running at the provider.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  queue
-- Reply    ready, scheduled, running
-- include: leeward/lanes.lua
local root, queue = KEYS[1], ARGV[1]
local ready = redis.call('ZCARD', root .. 'suspects:' .. queue)
for _, lane in ipairs({ 'interactive', 'normal', 'bulk' }) do
  ready = ready + lane_length(root, queue .. ':' .. lane)
end

local function count(key)
  local n = 0
  for _, id in ipairs(redis.call('ZRANGE', root .. key, 0, -1)) do
    if queue_of(redis.call('HGET', root .. 'places', id)) == queue then
      n = n + 1
    end
  end
  return n
end

return { ready, count('scheduled'), count('leases') }
