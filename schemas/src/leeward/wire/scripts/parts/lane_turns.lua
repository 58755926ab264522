-- lane_turns.lua: the partitions of a lane take turns. The keys are in lanes.lua.
-- exports: count_partitioned, join_turns, end_turns

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
