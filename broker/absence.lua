-- absence.lua: tells a server that was away from workers that died.

-- Workers renew every third of a lease. When nobody spoke for two thirds the server was away, not the workers: they get a moment to speak
-- up before their leases count as expired. Whoever speaks first gives it to all, so this runs before anything else is done.
local GRACE_MS = 5000

local function grace_after_absence(root, now, lease_ms)
  local seen = tonumber(redis.call('SET', root .. 'seen', string.format('%.0f', now), 'GET') or now)
  if now - seen <= lease_ms * 2 / 3 then
    return
  end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', root .. 'leases', '-inf', now + GRACE_MS)) do
    redis.call('ZADD', root .. 'leases', now + GRACE_MS, id)
  end
end
