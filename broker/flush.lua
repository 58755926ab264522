-- flush.lua: drops jobs of a queue that do not run, a few hundred a call.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  queue
-- Reply    how many were dropped; call again until none
-- include: bury.lua
-- include: leeward/lanes.lua
local root, queue = KEYS[1], ARGV[1]
local AT_ONCE = 500

local function waiting()
  for _, lane in ipairs({ 'interactive', 'normal', 'bulk' }) do
    local ids = {}
    pop_lane(root, queue .. ':' .. lane, AT_ONCE, ids)
    if #ids > 0 then
      return ids
    end
  end
  local ids = redis.call('ZRANGE', root .. 'suspects:' .. queue, 0, AT_ONCE - 1)
  if #ids > 0 then
    redis.call('ZREM', root .. 'suspects:' .. queue, unpack(ids))
    return ids
  end
  for _, id in ipairs(redis.call('ZRANGE', root .. 'scheduled', 0, -1)) do
    if #ids < AT_ONCE and queue_of(redis.call('HGET', root .. 'places', id)) == queue then
      ids[#ids + 1] = id
      redis.call('ZREM', root .. 'scheduled', id)
    end
  end
  return ids
end

local ids = waiting()
if #ids > 0 then
  for _, message in ipairs(redis.call('HMGET', root .. 'jobs', unpack(ids))) do
    local key = message and idempotency_key(message)
    if key then
      redis.call('DEL', root .. 'key:' .. key)
    end
  end
  forget(root, ids)
end
return #ids
