-- turns.lua: takes jobs off the lanes. Needs lanes.lua, parked.lua, withdrawn.lua, partition_limit.lua.
-- exports: new_taking, take
--
-- `taking` is what one call knows: `withdrawn`, whether any id may be a cancelled job's; `limit` of jobs of a partition that run at once, or
-- nil; `running`: partition -> how many do; `partitions`: job -> its partition; `steps`: how many it may still spend on entries that are not jobs;
-- `more`, set when there was no step left.

-- Cancelled jobs, partitions without jobs and full partitions that one call passes over at most.
local PASSED_OVER = 1000

local function new_taking(root, limit)
  return { withdrawn = redis.call('EXISTS', root .. 'withdrawn') == 1, limit = limit, running = {}, partitions = {}, steps = PASSED_OVER }
end

-- Of ids that were taken off a list, those that have a job.
local function with_a_job(root, ids, taking)
  if not taking.withdrawn or #ids == 0 then
    return ids
  end
  local living, dead = living_and_dead(root, ids)
  if #dead > 0 then
    taking.steps = taking.steps - #dead
    drop_withdrawn(root, dead)
  end
  return living
end

local function take_own(root, lane, n, ids, taking)
  while #ids < n do
    if taking.steps <= 0 then
      taking.more = true
      return
    end
    local taken = redis.call('LPOP', root .. 'ready:' .. lane, n - #ids)
    if not taken then
      return
    end
    for _, id in ipairs(with_a_job(root, taken, taking)) do
      ids[#ids + 1] = id
    end
  end
end

-- The next job of a partition, or of the lane's own; nil when there is none.
local function take_one(root, list, taking)
  while taking.steps > 0 do
    local id = redis.call('LPOP', list)
    if not id then
      return nil
    end
    if with_a_job(root, { id }, taking)[1] then
      return id
    end
  end
end

local function is_full(root, partition, taking)
  if not taking.limit or partition == '' then
    return false
  end
  taking.running[partition] = taking.running[partition] or running_in(root, partition, taking.limit)
  return taking.running[partition] >= taking.limit
end

-- The turn of one partition. True when it was its last in this lane, for now.
local function take_turn(root, lane, partition, ids, taking)
  if is_full(root, partition, taking) then
    park(root, lane, partition)
    return true
  end
  local list = root .. 'ready:' .. lane .. (partition == '' and '' or ':' .. partition)
  local id = take_one(root, list, taking)
  if id then
    ids[#ids + 1] = id
  end
  if partition == '' then
    return false
  end
  if id then
    taking.partitions[id] = partition
    taking.running[partition] = taking.running[partition] and taking.running[partition] + 1
  end
  return redis.call('EXISTS', list) == 0
end

-- One job of each partition in turn: ten jobs of one tenant pass ten thousand of another. The next call continues where these turns end.
local function take_in_turns(root, lane, n, ids, taking)
  local turns = root .. 'turns:' .. lane
  while #ids < n do
    if taking.steps <= 0 then
      taking.more = true
      return
    end
    local before = #ids
    local partition = redis.call('LMOVE', turns, turns, 'LEFT', 'RIGHT')
    if not partition then
      return
    end
    if take_turn(root, lane, partition, ids, taking) then
      redis.call('RPOP', turns)
      if end_turns(root, lane) then
        return take_own(root, lane, n, ids, taking)
      end
    end
    taking.steps = taking.steps - (#ids == before and 1 or 0)
  end
end

-- Takes jobs off a lane (`<queue>:<lane>`) and appends them to `ids`, until it holds `n`.
local function take(root, lane, n, ids, taking)
  if #ids >= n then
    return
  end
  if redis.call('EXISTS', root .. 'turns:' .. lane) == 0 then
    return take_own(root, lane, n, ids, taking)
  end
  local before, partitioned = #ids, 0
  take_in_turns(root, lane, n, ids, taking)
  for at = before + 1, #ids do
    partitioned = partitioned + (taking.partitions[ids[at]] and 1 or 0)
  end
  count_partitioned(root, lane, -partitioned)
end
