-- lanes.lua: the ready lists. A place is `<queue>:<lane>` or `<queue>:<lane>:<partition>`.
--
-- `ready:<place>`  list: ids of jobs that may run now; also ids of cancelled jobs that `withdraw` left where they were
-- `turns:<lane>`   list: the lane's partitions that have an id waiting and are not parked, next first; '' for the jobs without a partition
-- `partitioned`    hash: lane -> how many jobs wait in its partitions
-- `parked`, `parked_in`: see parked.lua

local function queue_of(place)
  return string.match(place or '', '^([^:]*):') or ''
end

-- The lane `<queue>:<lane>` and the partition of a place; nothing for a place without a partition.
local function lane_and_partition(place)
  return string.match(place, '^([^:]*:[^:]*):(.*)$')
end

local function count_partitioned(root, lane, n)
  if n ~= 0 and redis.call('HINCRBY', root .. 'partitioned', lane, n) <= 0 then
    redis.call('HDEL', root .. 'partitioned', lane)
  end
end

-- The lane's own jobs, those without a partition, are the partition '' of its turns: there while any other partition is.
local function join_turns(root, lane, partition)
  if redis.call('RPUSH', root .. 'turns:' .. lane, partition) == 1 then
    redis.call('RPUSH', root .. 'turns:' .. lane, '')
  end
end

-- Without partitions there are no turns to take. True when they have ended.
local function end_turns(root, lane)
  return redis.call('LLEN', root .. 'turns:' .. lane) == 1 and redis.call('DEL', root .. 'turns:' .. lane) == 1
end

-- Adds jobs to a lane: `RPUSH` to its tail, `LPUSH` to its head. A partition that had none joins the end of its lane's turns.
local function push(root, place, ids, command)
  local length = redis.call(command, root .. 'ready:' .. place, unpack(ids))
  local lane, partition = lane_and_partition(place)
  if not partition then
    return
  end
  if length == #ids then
    join_turns(root, lane, partition)
  end
  count_partitioned(root, lane, #ids)
end
