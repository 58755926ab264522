-- server_outage.lua: distinguishes an outage of the server from workers that died.

-- Workers renew every third of a lease. When no worker spoke for two thirds, the server was out of reach, not the workers: they get time to speak
-- before their leases count as expired. The first worker that speaks gives it to all, so this runs before anything else.
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
