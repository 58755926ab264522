-- withdrawn.lua: takes cancelled jobs off the ready lists at a cost that does not grow with them. Needs lanes.lua, parked.lua.
--
-- To find an id in a list the server walks over it. In a long one the id therefore stays: its job is gone, and who takes the id off the list
-- passes over it.
--
-- exports: waiting_at, living_and_dead, drop_withdrawn, withdraw, take_off_withdrawn
--
-- `withdrawn`     hash: id -> place, of cancelled jobs whose ids are still in their lists
-- `withdrawn_at`  hash: place -> how many of them are in its list

-- Walking over so many costs some microseconds.
local SHORT = 1000
-- So many ids of each end are looked through after so many were left in the list: whatever is withdrawn soon after it was enqueued, or before
-- it would have run, leaves nothing behind.
local SWEPT, SWEEP_EVERY = 1000, 500

-- Ends a partition's turns when it has no more jobs. Needed after anything but taking jobs in turn.
local function leave_turns(root, lane, partition)
  if redis.call('EXISTS', root .. 'ready:' .. lane .. ':' .. partition) == 0 and not unpark(root, lane, partition) then
    redis.call('LREM', root .. 'turns:' .. lane, 0, partition)
    end_turns(root, lane)
  end
end

-- Notes that these ids of cancelled jobs are in no list any more.
local function drop_withdrawn(root, ids)
  local gone = {}
  for _, place in ipairs(redis.call('HMGET', root .. 'withdrawn', unpack(ids))) do
    if place then
      gone[place] = (gone[place] or 0) + 1
    end
  end
  redis.call('HDEL', root .. 'withdrawn', unpack(ids))
  for place, n in pairs(gone) do
    if redis.call('HINCRBY', root .. 'withdrawn_at', place, -n) <= 0 then
      redis.call('HDEL', root .. 'withdrawn_at', place)
    end
  end
end

-- How many jobs wait at a place.
local function waiting_at(root, place)
  local length = redis.call('LLEN', root .. 'ready:' .. place)
  return length > 0 and math.max(0, length - (tonumber(redis.call('HGET', root .. 'withdrawn_at', place)) or 0)) or 0
end

-- Which of these ids have a job, and which have none.
local function living_and_dead(root, ids)
  local living, dead = {}, {}
  for position, place in ipairs(redis.call('HMGET', root .. 'places', unpack(ids))) do
    table.insert(place and living or dead, ids[position])
  end
  return living, dead
end

local function backwards(ids)
  local turned = {}
  for at = #ids, 1, -1 do
    turned[#turned + 1] = ids[at]
  end
  return turned
end

-- Takes the dead off the end of a list that these ids are, by `LTRIM from to`. One stays where the list would end: its partition has a turn,
-- or is parked.
local function sweep(root, list, ids, from, to, command)
  local living, dead = living_and_dead(root, ids)
  if #living == 0 and redis.call('LLEN', list) == #ids then
    living[1] = table.remove(dead)
  end
  if #dead == 0 then
    return
  end
  redis.call('LTRIM', list, from, to)
  if #living > 0 then
    redis.call(command, list, unpack(command == 'LPUSH' and backwards(living) or living))
  end
  drop_withdrawn(root, dead)
end

local function sweep_ends(root, place)
  local list = root .. 'ready:' .. place
  local last = redis.call('LRANGE', list, -SWEPT, -1)
  sweep(root, list, last, 0, -#last - 1, 'RPUSH')
  local first = redis.call('LRANGE', list, 0, SWEPT - 1)
  sweep(root, list, first, #first, -1, 'LPUSH')
end

-- Takes a waiting job off its list, or leaves its id there without a job where that is cheaper. Its record must be gone already.
local function withdraw(root, id, place)
  local list = root .. 'ready:' .. place
  local lane, partition = lane_and_partition(place)
  local length = redis.call('LLEN', list)
  local last_of_many = partition and length == 1 and redis.call('LLEN', root .. 'turns:' .. lane) > SHORT
  if length <= SHORT and not last_of_many then
    local removed = redis.call('LREM', list, 1, id)
    if partition then
      count_partitioned(root, lane, -removed)
      leave_turns(root, lane, partition)
    end
    return
  end
  if partition then
    count_partitioned(root, lane, -1)
  end
  redis.call('HSET', root .. 'withdrawn', id, place)
  if redis.call('HINCRBY', root .. 'withdrawn_at', place, 1) % SWEEP_EVERY == 0 then
    sweep_ends(root, place)
  end
end

-- Before an id is enqueued that was cancelled before: it must not be in two lists, nor twice in one.
local function take_off_withdrawn(root, ids)
  local found = {}
  for position, place in ipairs(redis.call('HMGET', root .. 'withdrawn', unpack(ids))) do
    if place then
      -- From the tail: mostly that is where it was put lately.
      redis.call('LREM', root .. 'ready:' .. place, -1, ids[position])
      local lane, partition = lane_and_partition(place)
      if partition then
        leave_turns(root, lane, partition)
      end
      found[#found + 1] = ids[position]
    end
  end
  if #found > 0 then
    drop_withdrawn(root, found)
  end
end
