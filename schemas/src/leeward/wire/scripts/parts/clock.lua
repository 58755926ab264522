-- clock.lua: a server whose clock goes back (NTP, a restored machine, a failover to a host that is behind). Needs now.lua.
--
-- Every instant that is kept is in server ms. After a step back they would all lie in the future until the clock has caught up: due times,
-- leases, buckets, open circuits. So every script that writes an instant asks first whether the clock is behind the latest instant at which
-- any script ran, and moves what is kept back by the difference. All of it moves together, so no wait grows or shrinks.
--
-- `seen`   when any worker last admitted or renewed (server_outage.lua); `clock` when a producer last put a job on the schedule

-- A step of less is waited out. It is no more than what two hosts with NTP differ by.
local STEP_MS = 1000

local function as_ms(ms)
  return string.format('%.0f', ms)
end

-- include: clock_step.lua

-- To be called before anything that is kept is read.
local function follow_clock(root, now)
  local latest = redis.call('MGET', root .. 'seen', root .. 'clock')
  local by = math.max(tonumber(latest[1] or 0), tonumber(latest[2] or 0)) - now
  if by <= STEP_MS then
    return
  end
  move_all(root, by)
  redis.call('SET', root .. 'seen', as_ms(now))
  redis.call('DEL', root .. 'clock')
  redis.call('HINCRBY', root .. 'counts', 'clock_went_back', 1)
  redis.call('XADD', root .. 'events', '*', 'at', as_ms(now), 'event', 'clock_went_back', 'cause',
    string.format('the server\'s clock went back by %.0f s: what is kept was moved with it', by / 1000), 'by', 'fleet')
end
