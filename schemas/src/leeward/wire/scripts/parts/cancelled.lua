-- cancelled.lua: ends a job as cancelled. Needs message_key.lua, ended_jobs.lua, flow.lua, outcome.lua.
-- exports: end_cancelled, is_cancelled
--
-- `cancelling`  hash: id -> 'asked', or 'heard' once its worker knows: running jobs that end at their next safe point

-- Whether a job was cancelled while it ran, before an effect of it began.
local function is_cancelled(root, id)
  return redis.call('HEXISTS', root .. 'cancelling', id) == 1 and redis.call('HEXISTS', root .. 'begun', id) == 0
end

-- Takes everything of a job away but its outcome; frees its idempotency key, which is read from the message where it is not given.
-- True when something is to be carried on.
local function end_cancelled(root, now, id, message, kept_ms, key)
  key = key or idempotency_key(message)
  if key and key ~= '' then
    redis.call('DEL', root .. 'key:' .. key)
  end
  local token = redis.call('HGET', root .. 'deliveries', id)
  for _, hash in ipairs({ 'jobs', 'places', 'deliveries', 'expiries', 'suspects', 'begun', 'progress', 'cancelling' }) do
    redis.call('HDEL', root .. hash, id)
  end
  keep_outcome(root, id, { state = 'cancelled' }, message, token, kept_ms)
  note_ended(root, now, 'other', { id })
  local flow = flow_of(message)
  return flow and note_end(root, flow, 'cancelled')
end
