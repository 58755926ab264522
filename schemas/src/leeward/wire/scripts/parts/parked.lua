-- parked.lua: partitions that wait outside the turns of a lane, because as many of their jobs run as may. Needs lanes.lua.
-- exports: members_of, park, unpark, is_parked, rejoin
--
-- `parked`     zset, every score 0: `<partition>\1<queue>:<lane>`
-- `parked_in`  hash: lane -> how many partitions are parked there

-- No partition has control characters (partition.py), so what begins with `<partition>\1` is this partition's.
local function members_of(partition)
  return '[' .. partition .. '\1', '(' .. partition .. '\2'
end

local function park(root, lane, partition)
  if redis.call('ZADD', root .. 'parked', 0, partition .. '\1' .. lane) == 1 then
    redis.call('HINCRBY', root .. 'parked_in', lane, 1)
  end
end

-- True when it was parked.
local function unpark(root, lane, partition)
  if redis.call('ZREM', root .. 'parked', partition .. '\1' .. lane) == 0 then
    return false
  end
  if redis.call('HINCRBY', root .. 'parked_in', lane, -1) <= 0 then
    redis.call('HDEL', root .. 'parked_in', lane)
  end
  return true
end

local function is_parked(root, place)
  local lane, partition = lane_and_partition(place)
  return partition and redis.call('ZSCORE', root .. 'parked', partition .. '\1' .. lane)
end

-- Lets a partition take its turns again, in every lane in which it was parked.
local function rejoin(root, partition)
  for _, member in ipairs(redis.call('ZRANGEBYLEX', root .. 'parked', members_of(partition))) do
    local lane = string.sub(member, #partition + 2)
    unpark(root, lane, partition)
    if redis.call('EXISTS', root .. 'ready:' .. lane .. ':' .. partition) == 1 then
      join_turns(root, lane, partition)
    end
  end
end
