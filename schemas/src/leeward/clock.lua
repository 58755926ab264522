-- clock.lua: a server whose clock goes back (NTP, a restored machine, a failover to a host that is behind). Needs now.lua.
--
-- Every instant that is kept is in server ms. After a step back they would all lie in the future until the clock has caught up: due times,
-- leases, buckets, open circuits. So every script that writes an instant asks first whether the clock is behind the latest instant at which
-- any script ran, and moves what is kept back by the difference. All of it moves together, so no wait grows or shrinks.
--
-- `seen`   when any worker last admitted or renewed (absence.lua); `clock` when a producer last put a job on the schedule

-- A step of less is waited out. It is no more than what two hosts with NTP differ by.
local STEP_MS = 1000
local MOVED_AT_ONCE = 1000
local SCORES = { 'scheduled', 'leases', 'probes', 'sick', 'workers', 'refused', 'witnesses', 'denials', 'probed', 'last_attempts' }
local FIELDS = {
  circuit = { 'until', 'hold_until', 'mode_until', 'closed_at', 'half_open_at', 'observed_at', 'since', 'streak_at', 'look_at' },
  bucket = { 'at' },
  adaptive = { 'began', 'told' },
}

local function as_ms(ms)
  return string.format('%.0f', ms)
end

-- From the earliest on: what has been moved stays ahead of what has not, so ranks do not change.
local function move_scores(key, by)
  for first = 0, redis.call('ZCARD', key) - 1, MOVED_AT_ONCE do
    local found, moved = redis.call('ZRANGE', key, first, first + MOVED_AT_ONCE - 1, 'WITHSCORES'), {}
    for at = 1, #found, 2 do
      moved[at], moved[at + 1] = as_ms(tonumber(found[at + 1]) - by), found[at]
    end
    redis.call('ZADD', key, unpack(moved))
  end
end

local function move_fields(key, fields, by)
  for _, field in ipairs(fields) do
    local at = tonumber(redis.call('HGET', key, field) or nil)
    if at and at > 0 then
      redis.call('HSET', key, field, as_ms(at - by))
    end
  end
end

local function move_all(root, by)
  for _, key in ipairs(SCORES) do
    move_scores(root .. key, by)
  end
  for key, fields in pairs(FIELDS) do
    move_fields(root .. key, fields, by)
  end
  for _, field in ipairs(redis.call('HKEYS', root .. 'guards')) do
    local queue = string.match(field, '^rate@(.*)$')
    if queue then
      move_fields(root .. 'bucket:' .. queue, FIELDS.bucket, by)
    end
  end
  move_fields(root .. 'admitted', redis.call('HKEYS', root .. 'admitted'), by)
end

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
