-- enqueue.lua: makes jobs durable, each once.
--
-- Purpose  puts each job in its lane or on the schedule, unless the fleet has it already: a re-sent job id changes nothing, an idempotency
--          key that is taken answers with the job that took it.
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/wire/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  '1' when this call may be a repetition (a reply was lost): jobs that have ended meanwhile are looked up, too; with a '+' behind it
--          none is refused for want of room or because the provider is off (room.lua); or followed by an outbox's mark (relayed.lua)
-- ARGV[3]  when the producer made the first message by its own clock, ms, 0 for not to look; ARGV[4] by how much that may differ from ours
-- ARGV[5+] seven per job: id, place, delay in ms, message, idempotency key or '', fingerprint, '1' to take a dead job's key over (replay)
-- Reply    only the jobs that were not added: a flat list of position (from 1), 'duplicate' or 'conflict', job id, state, result JSON or '';
--          or of position, 'full', partition or '' where the provider has no room, how many wait, how many may;
--          or of position, 'disabled' and three times '' where the provider is switched off;
--          or 'clock' and now in ms where the producer's clock is off: nothing was added (leeward/wire/stamps.py);
--          or 'overtaken' where another relay has moved rows of this outbox meanwhile: nothing was added
-- include: leeward/wire/scripts/parts/wake.lua
-- The usual call, before anything else is made: one job for now, without a key or a partition, for a provider without anything special.
if #ARGV == 11 and ARGV[7] == '0' and ARGV[9] == '' and ARGV[3] == '0' and (ARGV[2] == '' or ARGV[2] == '+') then
  local root, id, place = KEYS[1], ARGV[5], ARGV[6]
  local queue = string.match(place, '^([^:]*):[^:]*$')
  if queue and redis.call('EXISTS', root .. 'bounded', root .. 'withdrawn') == 0 then
    if redis.call('HSETNX', root .. 'jobs', id, ARGV[8]) == 1 then
      redis.call('HSET', root .. 'places', id, place)
      redis.call('RPUSH', root .. 'ready:' .. place, id)
      redis.call('HINCRBY', root .. 'totals', 'enqueued ' .. queue, 1)
      wake(root, queue, 1)
    end
    return {}
  end
end
-- include: leeward/wire/scripts/parts/now.lua
-- include seldom: leeward/wire/scripts/parts/clock.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: leeward/wire/scripts/parts/withdrawn.lua
-- include: leeward/wire/scripts/parts/room.lua
-- include: leeward/wire/scripts/parts/taking.lua
-- include seldom: leeward/wire/scripts/parts/relayed.lua
local root, again = KEYS[1], string.sub(ARGV[2], 1, 1) == '1'
-- One question for what most providers have none of.
local is_special = redis.call('EXISTS', root .. 'bounded', root .. 'withdrawn') > 0
local room = is_special and string.sub(ARGV[2], -1) ~= '+' and room_of(root)
local FIRST, FIELDS = 5, 7
local mark = #ARGV[2] > 2 and ARGV[2]
local jobs, places, refused, ready, ready_order = {}, {}, {}, {}, {}

if mark and is_overtaken(root, mark) then
  return { 'overtaken' }
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
-- In one piece: every function that a script defines is made again on every call.
for position, id in ipairs(ids) do
  local at = FIRST + (position - 1) * FIELDS
  local known = existing[position] or seen[id] or (again and redis.call('EXISTS', root .. 'outcome:' .. id) == 1)
  local taken = not known
  if taken and ARGV[at + 4] ~= '' then
    taken = take_key(root, room, refused, position, at)
  elseif taken and room then
    taken = has_room(root, room, refused, position, at)
  end
  if taken then
    local place, delay, n = ARGV[at + 1], tonumber(ARGV[at + 2]), #jobs
    jobs[n + 1], jobs[n + 2], places[n + 1], places[n + 2] = id, ARGV[at + 3], id, place
    if delay > 0 then
      redis.call('ZADD', root .. 'scheduled', now + delay, id)
      redis.call('HINCRBY', root .. 'totals', 'enqueued ' .. queue_of(place), 1)
    elseif ready[place] then
      table.insert(ready[place], id)
    else
      ready[place], ready_order[#ready_order + 1] = { id }, place
    end
  end
  seen[id] = true
end
if #jobs > 0 then
  redis.call('HSET', root .. 'jobs', unpack(jobs))
  redis.call('HSET', root .. 'places', unpack(places))
end
for _, place in ipairs(ready_order) do
  push(root, place, ready[place], 'RPUSH')
  redis.call('HINCRBY', root .. 'totals', 'enqueued ' .. queue_of(place), #ready[place])
  if not lane_and_partition(place) or not is_parked(root, place) then
    wake(root, queue_of(place), #ready[place])
  end
end
if delayed then
  redis.call('SET', root .. 'clock', as_ms(now))
end
-- A sleeping worker knows only the schedule it saw: an earlier due time must wake it.
local first = delayed and redis.call('ZRANGE', root .. 'scheduled', 0, 0)[1]
if first and first ~= earliest then
  wake(root, queue_of(redis.call('HGET', root .. 'places', first)), 1)
end
if mark then
  note_relayed(root, mark, ids, refused)
end
return refused
