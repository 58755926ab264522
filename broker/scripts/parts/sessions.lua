-- sessions.lua: which sessions with a provider are open in the fleet.
--
-- `sessions`         zset: session -> until when it counts, server ms; renewed while it is open
-- `session_waiters`  zset: session that was refused -> until when it is known to wait, server ms

-- Leaves out what has not been heard of. An instant later than any that could have been written comes from before the clock was set back.
local function forget_silent(key, now, longest_ms)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', key, now + longest_ms + 1, '+inf')) do
    redis.call('ZADD', key, now + longest_ms, id)
  end
end

local function count_open(root, now, counts_ms, id)
  redis.call('ZADD', root .. 'sessions', now + counts_ms, id)
  redis.call('PEXPIRE', root .. 'sessions', counts_ms)
end
