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

-- include: lane_turns.lua

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
