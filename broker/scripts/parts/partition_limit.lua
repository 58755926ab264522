-- partition_limit.lua: how many jobs of a partition may run at once. Needs lanes.lua, parked.lua.
-- exports: running_in, note_partitions, partitions_of, free_partitions, has_parked, rejoin_what_is_free
--
-- `partition_leases`  zset, every score 0: `<partition>\1<job>` of jobs that were leased and have a partition. Whether a partition is full is
--                     computed from the leases of these jobs, so what stays here of a job without a lease (an older release settled it)
--                     counts for nothing and is taken off

local CHECKED_AT_ONCE = 50
-- How many jobs of a partition run; anything below `limit` where it is not reached.
local function running_in(root, partition, limit)
  local from, to = members_of(partition)
  local n = redis.call('ZLEXCOUNT', root .. 'partition_leases', from, to)
  if n < limit then
    return n
  end
  local members, ids, over = redis.call('ZRANGEBYLEX', root .. 'partition_leases', from, to, 'LIMIT', 0, 1000), {}, {}
  for position, member in ipairs(members) do
    ids[position] = string.sub(member, #partition + 2)
  end
  for position, expiry in ipairs(redis.call('ZMSCORE', root .. 'leases', unpack(ids))) do
    if not expiry then
      over[#over + 1] = members[position]
    end
  end
  if #over > 0 then
    redis.call('ZREM', root .. 'partition_leases', unpack(over))
  end
  return n - #over
end

-- Notes the partitions of jobs that were leased: job -> partition.
local function note_partitions(root, leased, partitions)
  local members = {}
  for _, id in ipairs(leased) do
    if partitions[id] then
      members[#members + 1] = 0
      members[#members + 1] = partitions[id] .. '\1' .. id
    end
  end
  if #members > 0 then
    redis.call('ZADD', root .. 'partition_leases', unpack(members))
  end
end

-- Job -> partition, of those of these jobs that have one.
local function partitions_of(root, ids)
  local partitions = {}
  for position, place in ipairs(#ids > 0 and redis.call('HMGET', root .. 'places', unpack(ids)) or {}) do
    local _, partition = lane_and_partition(place or '')
    partitions[ids[position]] = partition
  end
  return partitions
end

-- Before the leases of these jobs end: their partitions take turns again.
local function free_partitions(root, ids)
  if #ids == 0 or redis.call('EXISTS', root .. 'partition_leases') == 0 then
    return
  end
  local members, freed = {}, {}
  for id, partition in pairs(partitions_of(root, ids)) do
    members[#members + 1] = partition .. '\1' .. id
    freed[partition] = true
  end
  if #members == 0 then
    return
  end
  redis.call('ZREM', root .. 'partition_leases', unpack(members))
  if redis.call('EXISTS', root .. 'parked') == 1 then
    for partition in pairs(freed) do
      rejoin(root, partition)
    end
  end
end

-- Whether partitions of a queue are parked.
local function has_parked(root, queue)
  for _, n in ipairs(redis.call('HMGET', root .. 'parked_in', queue .. ':interactive', queue .. ':normal', queue .. ':bulk')) do
    if n then
      return true
    end
  end
  return false
end

-- Lets parked partitions take turns again that are not full: the limit was raised, or an older release ended their jobs. Mostly there are
-- few; of many it looks at some.
local function rejoin_what_is_free(root, limit)
  if redis.call('EXISTS', root .. 'parked') == 0 then
    return
  end
  local few = redis.call('ZCARD', root .. 'parked') <= CHECKED_AT_ONCE
  local members = few and redis.call('ZRANGE', root .. 'parked', 0, -1) or redis.call('ZRANDMEMBER', root .. 'parked', CHECKED_AT_ONCE)
  for _, member in ipairs(members) do
    local partition = string.match(member, '^([^\1]*)\1')
    if not limit or running_in(root, partition, limit) < limit then
      rejoin(root, partition)
    end
  end
end
