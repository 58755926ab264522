-- reprioritise.lua: moves jobs that wait or are scheduled to another lane of their queue, each to its end. Its cost does not grow with the lanes.
--
-- Purpose  the id that a job leaves in a long list becomes that of no job, as a cancelled job's does (withdrawn.lua). One that runs is left
--          alone, and so is one whose message is not as the caller read it.
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/wire/keys.py)
-- ARGV[1]  the lane
-- ARGV[2+] five per job: id, the place where it was, where in its list it was about, its message as read, its new message
-- Reply    one per job: 'moved', 'running', 'changed' (read it again), 'lost' (not near there: look for it) or 'unknown'
-- include: leeward/wire/scripts/parts/wake.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: leeward/wire/scripts/parts/withdrawn.lua
local root, lane = KEYS[1], ARGV[1]
-- Those before it may have been admitted since it was read, and some may have come back to the head.
local BEFORE, BEHIND = 2000, 100

local function position_of(list, id, near)
  if redis.call('LINDEX', list, near) == id then
    return near
  end
  local first = math.max(0, near - BEFORE)
  for offset, found in ipairs(redis.call('LRANGE', list, first, near + BEHIND)) do
    if found == id then
      return first + offset - 1
    end
  end
end

-- True when its id is in its list no more.
local function take_out(id, place, near)
  if redis.call('ZSCORE', root .. 'scheduled', id) or redis.call('ZSCORE', root .. 'suspects:' .. queue_of(place), id) then
    return true, false
  end
  local list = root .. 'ready:' .. place
  local position = position_of(list, id, near)
  if not position then
    return false
  end
  local left = '~' .. redis.call('INCR', root .. 'moved')
  redis.call('LSET', list, position, left)
  withdraw(root, left, place)
  return true, true
end

local function move(id, was, near, read, new)
  local place = redis.call('HGET', root .. 'places', id)
  if not place then
    return 'unknown'
  end
  if redis.call('ZSCORE', root .. 'leases', id) then
    return 'running'
  end
  if place ~= was or redis.call('HGET', root .. 'jobs', id) ~= read then
    return 'changed'
  end
  local out, ready = take_out(id, place, near)
  if not out then
    return 'lost'
  end
  local queue, partition = string.match(place, '^([^:]*):[^:]*:?(.*)$')
  local target = queue .. ':' .. lane .. (partition ~= '' and ':' .. partition or '')
  redis.call('HSET', root .. 'jobs', id, new)
  redis.call('HSET', root .. 'places', id, target)
  if ready then
    push(root, target, { id }, 'RPUSH')
    if partition == '' or not is_parked(root, target) then
      wake(root, queue, 1)
    end
  end
  return 'moved'
end

local reply = {}
for at = 2, #ARGV, 5 do
  reply[#reply + 1] = move(ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at + 3], ARGV[at + 4])
end
return reply
