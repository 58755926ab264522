-- clock_step.lua: moves every instant that is kept. Needs clock.lua's `as_ms`; see there for why.
-- exports: move_all
local MOVED_AT_ONCE = 1000
local SCORES = { 'scheduled', 'leases', 'probes', 'sick', 'workers', 'refused', 'witnesses', 'denials', 'probed', 'last_attempts' }
local FIELDS = {
  circuit = { 'until', 'hold_until', 'mode_until', 'closed_at', 'half_open_at', 'observed_at', 'since', 'streak_at', 'look_at' },
  bucket = { 'at' },
  adaptive = { 'began', 'told' },
}


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
