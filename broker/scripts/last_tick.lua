-- last_tick.lua: up to which instant the ticks of a periodic actor have been sent.
--
-- Purpose  an actor that no scheduler has seen before, or that comes with another schedule, begins now: what lies before was never due. One
--          that a person has paused begins now at every check, so that nothing of the pause is made up for.
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  actor
-- ARGV[3]  its schedule where a scheduler starts, '' for one that is under way
-- ARGV[4]  '1' when a scheduler looks; absent or '' for others
-- Reply    now in ms; the latest instant in ms; the job it became, ''
-- include: leeward/wire/scripts/parts/now.lua
local root, actor, schedule = KEYS[1], ARGV[2], ARGV[3]
-- Two hosts with NTP differ by no more.
local STEP_MS = 1000
local now = now_ms(ARGV[1])
local at, id = string.match(redis.call('HGET', root .. 'ticks', actor) or '', '^(%d+) (.*)$')

local function begin_now()
  at = string.format('%.0f', now)
  redis.call('HSET', root .. 'ticks', actor, at .. ' ' .. (id or ''))
end

-- The outcome of a job is kept for a while only; that of the latest tick is for its actor.
local function note_outcome()
  local outcome = id and id ~= '' and redis.call('GET', root .. 'outcome:' .. id)
  if not outcome then
    return
  end
  local known = redis.call('HGET', root .. 'tick_outcomes', actor)
  if not known or cjson.decode(known).job ~= id then
    redis.call('HSET', root .. 'tick_outcomes', actor, cjson.encode({ job = id, seen = string.format('%.0f', now), outcome = outcome }))
  end
end

if not at or tonumber(at) - now > STEP_MS then
  -- New, or the server's clock went back: nothing waits until it has caught up.
  begin_now()
end
if schedule ~= '' and redis.call('HGET', root .. 'schedules', actor) ~= schedule then
  redis.call('HSET', root .. 'schedules', actor, schedule)
  begin_now()
end
if ARGV[4] == '1' then
  redis.call('HSET', root .. 'tick_looks', actor, string.format('%.0f', now))
  note_outcome()
  if redis.call('HEXISTS', root .. 'ticks_paused', actor) == 1 then
    begin_now()
  end
end
return { now, tonumber(at), id or '' }
