-- last_attempts.lua: a job whose last attempt failed while no other job has called: an outage of a quiet night, or its own fault. It waits,
-- with that attempt unused, for a health probe. Needs circuit.lua, due.lua.
-- exports: has_waited, await_look, end_last_attempts
--
-- `last_attempts`  zset: job -> when it began to wait. One that fails again after it was let go has had its chance
local LOOK_WAIT_MS = 150000
local LAST_ATTEMPTS_KEPT_MS = 86400000

local function has_waited(root, id)
  return redis.call('ZSCORE', root .. 'last_attempts', id) ~= false
end

-- Until a health probe has looked, or for two of them to come if none does.
local function await_look(root, now, id)
  redis.call('ZREMRANGEBYSCORE', root .. 'last_attempts', '-inf', now - LAST_ATTEMPTS_KEPT_MS)
  redis.call('ZADD', root .. 'last_attempts', now, id)
  redis.call('PEXPIRE', root .. 'last_attempts', LAST_ATTEMPTS_KEPT_MS)
  redis.call('ZADD', root .. 'scheduled', now + LOOK_WAIT_MS, id)
  note(root, now, 'accused', 'the last attempt of job ' .. id .. ' failed, and no other job has called: it waits for a health probe', 'fleet')
end

-- A health probe has ended: the jobs that waited for it continue.
local function end_last_attempts(root, now)
  for _, id in ipairs(redis.call('ZRANGE', root .. 'last_attempts', 0, -1)) do
    local place = redis.call('ZSCORE', root .. 'scheduled', id) and redis.call('HGET', root .. 'places', id)
    if place then
      redis.call('ZADD', root .. 'scheduled', now, id)
      wake(root, queue_of(place), 1)
    end
  end
end
