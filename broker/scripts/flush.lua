-- flush.lua: drops jobs of a queue that do not run, a few hundred a call.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  queue
-- ARGV[2]  where to look on in the schedule, as the call before answered; absent at first
-- Reply    how many were dropped; with ARGV[2], that and where to look on, which is '' when all was looked at. Call again until none were
--          dropped and all was looked at
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: leeward/wire/scripts/parts/withdrawn.lua
-- include: broker/scripts/parts/partition_limit.lua
-- include: broker/scripts/parts/turns.lua
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/flow.lua
-- include: broker/scripts/parts/dead_letter.lua
local root, queue = KEYS[1], ARGV[1]
local AT_ONCE, LOOKED_AT = 500, 5000

local function ready()
  local taking, ids = new_taking(root, nil), {}
  rejoin_what_is_free(root, nil)
  for _, lane in ipairs({ 'interactive', 'normal', 'bulk' }) do
    take(root, queue .. ':' .. lane, AT_ONCE, ids, taking)
  end
  if #ids == 0 then
    ids = redis.call('ZRANGE', root .. 'suspects:' .. queue, 0, AT_ONCE - 1)
    if #ids > 0 then
      redis.call('ZREM', root .. 'suspects:' .. queue, unpack(ids))
    end
  end
  return ids, taking.more or has_parked(root, queue)
end

-- The queue's jobs among the next of the schedule, and where the others of these end; nil at the end of the schedule.
local function scheduled(from)
  local looked_at = redis.call('ZRANGE', root .. 'scheduled', from, from + LOOKED_AT - 1)
  local ids, passed = {}, 0
  for position, place in ipairs(#looked_at > 0 and redis.call('HMGET', root .. 'places', unpack(looked_at)) or {}) do
    if queue_of(place) ~= queue then
      passed = passed + 1
    elseif #ids == AT_ONCE then
      return ids, from + passed
    else
      ids[#ids + 1] = looked_at[position]
    end
  end
  return ids, #looked_at == LOOKED_AT and from + passed or nil
end

local from = tonumber(ARGV[2] or '') or 0
local ids, more = ready()
local on = more and from or nil
if #ids == 0 and not more then
  ids, on = scheduled(from)
  if #ids > 0 then
    redis.call('ZREM', root .. 'scheduled', unpack(ids))
  end
end
if #ids > 0 then
  local handed = false
  for _, message in ipairs(redis.call('HMGET', root .. 'jobs', unpack(ids))) do
    local key = message and idempotency_key(message)
    if key then
      redis.call('DEL', root .. 'key:' .. key)
    end
    local flow = flow_of(message)
    handed = flow and note_end(root, flow, 'cancelled') or handed
  end
  forget(root, ids)
  if handed then
    announce_handovers()
  end
end
return ARGV[2] and { #ids, on and string.format('%d', on) or '' } or #ids
