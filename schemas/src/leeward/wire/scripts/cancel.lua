-- cancel.lua: takes a job off its queue or schedule, at a cost that does not grow with them; one that runs is to end at its next safe point.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  job id
-- ARGV[2]  how long the outcome is kept, ms
-- ARGV[3]  its idempotency key, which becomes free; '' for none, absent or 'message' where its message has it
-- ARGV[4]  '1' when a running job is to end, too
-- Reply    'cancelled'; of a running job 'running' (left alone), 'cancelling' (its worker is informed), 'heard' (its worker knows) or 'too_late'
--          (its effect has begun); 'unknown'
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/message_key.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: leeward/wire/scripts/parts/withdrawn.lua
-- include: leeward/wire/scripts/parts/ended_jobs.lua
-- include: leeward/wire/scripts/parts/flow.lua
-- include: leeward/wire/scripts/parts/outcome.lua
-- include: leeward/wire/scripts/parts/cancelled.lua
local root, id = KEYS[1], ARGV[1]
local MARKED_AT_MOST = 1000

-- Marks of jobs that workers of an older release have ended since.
local function drop_old_marks()
  local marked = redis.call('HKEYS', root .. 'cancelling')
  for position, place in ipairs(redis.call('HMGET', root .. 'places', unpack(marked, 1, MARKED_AT_MOST))) do
    if not place then
      redis.call('HDEL', root .. 'cancelling', marked[position])
    end
  end
end

local function cancel_running()
  if redis.call('HEXISTS', root .. 'begun', id) == 1 then
    return 'too_late'
  end
  local known = redis.call('HGET', root .. 'cancelling', id)
  if known == 'heard' then
    return 'heard'
  end
  if redis.call('HLEN', root .. 'cancelling') >= MARKED_AT_MOST then
    drop_old_marks()
  end
  redis.call('HSET', root .. 'cancelling', id, 'asked')
  local token = redis.call('HGET', root .. 'deliveries', id) or ''
  -- Refused to a user without this channel; the worker learns of it when it renews its leases.
  redis.pcall('PUBLISH', 'leeward:wake:' .. (string.match(token, '@(.*)$') or ''), 'cancel ' .. id .. ' ' .. token)
  return 'cancelling'
end

local place = redis.call('HGET', root .. 'places', id)
if not place then
  return 'unknown'
end
if redis.call('ZSCORE', root .. 'leases', id) then
  return ARGV[4] == '1' and cancel_running() or 'running'
end
local message = redis.call('HGET', root .. 'jobs', id) or ''
local handed = end_cancelled(root, now_ms(''), id, message, ARGV[2], ARGV[3] ~= 'message' and ARGV[3] or nil)
if redis.call('ZREM', root .. 'scheduled', id) + redis.call('ZREM', root .. 'suspects:' .. queue_of(place), id) == 0 then
  withdraw(root, id, place)
end
if handed then
  announce_handovers()
end
return 'cancelled'
