-- dead_letter.lua: ends a job. Needs now.lua, flow.lua.

-- Takes everything of these jobs away but their outcomes and keys.
local function forget(root, ids)
  for _, hash in ipairs({ 'jobs', 'places', 'deliveries' }) do
    redis.call('HDEL', root .. hash, unpack(ids))
  end
  -- Mostly there are none of these, and asking that once is less than naming every job.
  if redis.call('EXISTS', root .. 'expiries', root .. 'begun', root .. 'progress', root .. 'suspects', root .. 'cancelling') == 0 then
    return
  end
  for _, hash in ipairs({ 'expiries', 'begun', 'progress', 'suspects', 'cancelling' }) do
    redis.call('HDEL', root .. hash, unpack(ids))
  end
end

-- include: leeward/wire/scripts/parts/outcome.lua
-- include: leeward/wire/scripts/parts/message_key.lua
-- include: leeward/wire/scripts/parts/ended_jobs.lua

-- Puts a dead job into the outbox in the same step that takes it off the fleet. `delivery` is `<n>@<worker>`; `key` is its idempotency key
-- where the caller knows it, and is kept for `key_ms`. True when something is to be carried on (flow.lua).
local function bury(root, now, id, reason, error_json, message, delivery, kept_ms, key_ms, key)
  local queue, lane = string.match(redis.call('HGET', root .. 'places', id) or ':', '^([^:]*):([^:]*)')
  local deliveries, worker = string.match(delivery or '', '^(%d+)@(.*)$')
  message = message or redis.call('HGET', root .. 'jobs', id) or ''
  local entry = redis.call('XADD', root .. 'dead', '*', 'kind', 'dead', 'job', id, 'message', message, 'reason', reason, 'error', error_json,
    'died_at', string.format('%.0f', now), 'deliveries', deliveries or '0', 'worker', worker or '', 'queue', queue, 'priority', lane,
    'progress', redis.call('HGET', root .. 'progress', id) or '')
  redis.call('HINCRBY', root .. 'totals', 'dead ' .. reason .. ' ' .. queue, 1)
  key = key or idempotency_key(message)
  if key then
    redis.call('HSET', root .. 'key:' .. key, 'state', 'dead', 'result', error_json)
    redis.call('PEXPIRE', root .. 'key:' .. key, key_ms)
  end
  forget(root, { id })
  local outcome = { state = 'dead', reason = reason, error = error_json, entry = entry, at = string.format('%.0f', now) }
  keep_outcome(root, id, outcome, message, delivery, kept_ms)
  note_ended(root, now, 'other', { id })
  local flow = flow_of(message)
  return flow and note_end(root, flow, 'dead')
end

local function tell_drainers(root)
  -- Refused to a user without this channel; drainers look for themselves.
  redis.pcall('PUBLISH', 'leeward:dead', string.match(root, '{(.*)}'))
end
