-- flow.lua: what follows when a job ends: its follow-ups, and the count of its batch. Needs now.lua.
-- exports: flow_of, count_member, send_due, keep_batch, note_end, announce_handovers
--
-- A step that ends a job can change the keys of one provider only. What belongs elsewhere goes into a stream of that provider in the same
-- step, and a thread of any worker process carries it on, once (broker/flows/carrier.py).
--
-- `handovers`           stream: kind 'job' with `entry`, a follow-up as JSON (leeward/flows/follow_up.py); or kind 'member' with `batch`,
--                       `member` and `state`, for a batch whose counts another provider keeps
-- `batch:<id>`          hash: total, pending, done, dead, cancelled, sealed (1 once every member is known), began, ended, server ms; on_done,
--                       on_success: the follow-ups that are still to be sent
-- `batch:<id>:members`  hash: member -> pending, done, dead or cancelled

-- Counted from the latest change.
local BATCH_KEPT_MS = 30 * 24 * 3600 * 1000

local function batch_key(root, id)
  return root .. 'batch:' .. id
end

-- The option `flow` of an encoded message; nothing where it has none, as most.
local function flow_of(message)
  if not message or not string.find(message, '"flow"', 1, true) then
    return nil
  end
  local readable, decoded = pcall(cjson.decode, message)
  local options = readable and type(decoded) == 'table' and decoded.options
  local flow = type(options) == 'table' and options.flow
  return type(flow) == 'table' and flow or nil
end

local function hand_over(root, ...)
  redis.call('XADD', root .. 'handovers', '*', ...)
  return true
end

local function keep_batch(root, id)
  redis.call('PEXPIRE', batch_key(root, id), BATCH_KEPT_MS)
  redis.call('PEXPIRE', batch_key(root, id) .. ':members', BATCH_KEPT_MS)
end

-- Sends what a batch has waited for. True when that was something.
local function send_due(root, id)
  local key, sent = batch_key(root, id), false
  local known = redis.call('HMGET', key, 'sealed', 'pending', 'done', 'total', 'ended', 'on_done', 'on_success')
  if known[1] ~= '1' or tonumber(known[2]) > 0 then
    return false
  end
  if not known[5] then
    redis.call('HSET', key, 'ended', string.format('%.0f', now_ms('')))
  end
  if known[6] then
    redis.call('HDEL', key, 'on_done')
    sent = hand_over(root, 'kind', 'job', 'entry', known[6])
  end
  if known[7] and known[3] == known[4] then
    redis.call('HDEL', key, 'on_success')
    sent = hand_over(root, 'kind', 'job', 'entry', known[7])
  end
  return sent
end

-- Counts the end of a member once, however often it is reported. A dead one may still be done, by its replay. True when a follow-up is due.
local function count_member(root, id, member, state)
  local key = batch_key(root, id)
  local before = redis.call('HGET', key .. ':members', member)
  if not before or not (before == 'pending' or (before == 'dead' and state == 'done')) then
    return false
  end
  redis.call('HSET', key .. ':members', member, state)
  redis.call('HINCRBY', key, before, -1)
  redis.call('HINCRBY', key, state, 1)
  keep_batch(root, id)
  return send_due(root, id)
end

-- What follows the end of a job with this flow. True when something is to be carried on.
local function note_end(root, flow, state)
  local handed = false
  local batch, member = flow.batch, flow.member
  local home, id = string.match(type(batch) == 'string' and batch or '', '^([^:]*):(.+)$')
  if home and type(member) == 'string' then
    if root == 'leeward:{' .. home .. '}:' then
      handed = count_member(root, id, member, state)
    else
      handed = hand_over(root, 'kind', 'member', 'batch', batch, 'member', member, 'state', state)
    end
  end
  for _, entry in ipairs(state == 'done' and flow.send or {}) do
    handed = hand_over(root, 'kind', 'job', 'entry', entry)
  end
  return handed
end

-- For steps that no worker process takes, or whose process may not serve this provider.
local function announce_handovers()
  -- Refused to a user without this channel; those threads look for themselves, too.
  redis.pcall('PUBLISH', 'leeward:wake', '')
end
