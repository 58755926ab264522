-- enqueue.lua: makes jobs durable, each once.
--
-- Purpose  puts each job in its lane or on the schedule, unless the fleet has it already: a re-sent job id changes nothing, an idempotency
--          key that is taken answers with the job that took it.
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  '1' when this call may be a repetition (a reply was lost): jobs that have ended meanwhile are looked up, too; with a '+' behind it
--          none is refused for want of room (room.lua)
-- ARGV[3]  when the producer made the first message by its own clock, ms, 0 for not to look; ARGV[4] by how much that may differ from ours
-- ARGV[5+] seven per job: id, place, delay in ms, message, idempotency key or '', fingerprint, '1' to take a dead job's key over (replay)
-- Reply    only the jobs that were not added: a flat list of position (from 1), 'duplicate' or 'conflict', job id, state, result JSON or '';
--          or of position, 'full', partition or '' where the provider has no room, how many wait, how many may;
--          or 'clock' and now in ms where the producer's clock is off: nothing was added (leeward/stamps.py)
-- include: now.lua
-- include seldom: clock.lua
-- include: wake.lua
-- include: lanes.lua
-- include: parked.lua
-- include: withdrawn.lua
-- include: room.lua
local root, again = KEYS[1], string.sub(ARGV[2], 1, 1) == '1'
-- One question for what most providers have neither of.
local is_special = redis.call('EXISTS', root .. 'bounded', root .. 'withdrawn') > 0
local room = is_special and string.sub(ARGV[2], -1) ~= '+' and room_of(root)
local FIRST, FIELDS = 5, 7
local jobs, places, refused, ready, ready_order = {}, {}, {}, {}, {}

local function refuse(position, verdict, ...)
  for _, value in ipairs({ position, verdict, ... }) do
    refused[#refused + 1] = value
  end
  redis.call('HINCRBY', root .. 'counts', verdict, 1)
end

local function refuse_for_key(position, verdict, key)
  local held = redis.call('HMGET', key, 'job', 'state', 'result')
  refuse(position, verdict, held[1], held[2], held[3] or '')
end

local function has_room(position, at)
  local who, waiting, most
  if room then
    who, waiting, most = lack_of_room(root, room, ARGV[at + 1], ARGV[at + 2] ~= '0')
  end
  if who then
    refuse(position, 'full', who, string.format('%d', waiting), string.format('%d', most))
  end
  return not who
end

-- Takes the key for this job. False when the key belongs to another one, which is then in the reply.
local function take_key(position, at)
  local key = root .. 'key:' .. ARGV[at + 4]
  local held = redis.call('HMGET', key, 'fingerprint', 'job', 'state')
  if held[1] and held[1] ~= ARGV[at + 5] then
    refuse_for_key(position, 'conflict', key)
    return false
  end
  -- A job that has ended keeps its key: its message, sent again, is the same work.
  local mine = (held[2] == ARGV[at] and held[3] == 'live') or (ARGV[at + 6] == '1' and held[3] == 'dead')
  if held[1] and not mine then
    refuse_for_key(position, 'duplicate', key)
    return false
  end
  if not has_room(position, at) then
    return false
  end
  redis.call('HSET', key, 'fingerprint', ARGV[at + 5], 'job', ARGV[at], 'state', 'live')
  redis.call('PERSIST', key)
  return true
end

local function add(at, now)
  local id, place, delay = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  jobs[#jobs + 1] = id
  jobs[#jobs + 1] = ARGV[at + 3]
  places[#places + 1] = id
  places[#places + 1] = place
  if delay > 0 then
    redis.call('ZADD', root .. 'scheduled', now + delay, id)
    return
  end
  if not ready[place] then
    ready[place] = {}
    ready_order[#ready_order + 1] = place
  end
  table.insert(ready[place], id)
end

local function known(id, exists, seen)
  return exists or seen[id] or (again and redis.call('EXISTS', root .. 'outcome:' .. id) == 1)
end

local now = ARGV[3] ~= '0' and now_ms(ARGV[1])
if now and math.abs(now - tonumber(ARGV[3])) > tonumber(ARGV[4]) then
  return { 'clock', now }
end
local ids, delayed = {}, false
for at = FIRST, #ARGV, FIELDS do
  ids[#ids + 1] = ARGV[at]
  delayed = delayed or ARGV[at + 2] ~= '0'
end
-- The usual job is for now, and needs neither the time nor the schedule.
if delayed then
  now = now or now_ms(ARGV[1])
  follow_clock(root, now)
end
local earliest = delayed and redis.call('ZRANGE', root .. 'scheduled', 0, 0)[1]
if is_special then
  take_off_withdrawn(root, ids)
end
local existing, seen = redis.call('HMGET', root .. 'jobs', unpack(ids)), {}
for position, id in ipairs(ids) do
  local at = FIRST + (position - 1) * FIELDS
  if not known(id, existing[position], seen) and (ARGV[at + 4] == '' and has_room or take_key)(position, at) then
    add(at, now)
  end
  seen[id] = true
end
if #jobs > 0 then
  redis.call('HSET', root .. 'jobs', unpack(jobs))
  redis.call('HSET', root .. 'places', unpack(places))
end
for _, place in ipairs(ready_order) do
  push(root, place, ready[place], 'RPUSH')
  if not lane_and_partition(place) or not is_parked(root, place) then
    wake(root, queue_of(place), #ready[place])
  end
end
if delayed then
  redis.call('SET', root .. 'clock', as_ms(now))
end
-- A sleeping worker knows only the schedule it saw: an earlier due time has to be told.
local first = delayed and redis.call('ZRANGE', root .. 'scheduled', 0, 0)[1]
if first and first ~= earliest then
  wake(root, queue_of(redis.call('HGET', root .. 'places', first)), 1)
end
return refused
