-- last_tick.lua: up to which instant the ticks of a periodic actor have been sent.
--
-- Purpose  an actor that no scheduler has seen before, or that comes with another schedule, begins now: what lies before was never due.
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  actor
-- ARGV[3]  its schedule where a scheduler starts, '' for one that is under way
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

if not at or tonumber(at) - now > STEP_MS then
  -- New, or the server's clock went back: nothing waits until it has caught up.
  begin_now()
end
if schedule ~= '' and redis.call('HGET', root .. 'schedules', actor) ~= schedule then
  redis.call('HSET', root .. 'schedules', actor, schedule)
  begin_now()
end
return { now, tonumber(at), id or '' }
