-- lanes.lua: the ready lists. A place is `<queue>:<lane>` or `<queue>:<lane>:<partition>`.

local function queue_of(place)
  return string.match(place or '', '^([^:]*):') or ''
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
  local lane, partition = string.match(place, '^([^:]*:[^:]*):(.*)$')
  if partition and length == #ids then
    join_turns(root, lane, partition)
  end
end

-- Ends a partition's turns when it has no more jobs. Needed after anything but `pop_lane` has taken one.
local function leave_turns(root, place)
  local lane, partition = string.match(place, '^([^:]*:[^:]*):(.*)$')
  if partition and redis.call('EXISTS', root .. 'ready:' .. place) == 0 then
    redis.call('LREM', root .. 'turns:' .. lane, 0, partition)
    end_turns(root, lane)
  end
end

local function pop_own(root, lane, n, ids)
  for _, id in ipairs(redis.call('LPOP', root .. 'ready:' .. lane, n - #ids) or {}) do
    ids[#ids + 1] = id
  end
end

-- One job of each partition in turn: ten jobs of one tenant pass ten thousand of another. Where the turns end is where the next call goes on.
local function pop_in_turns(root, lane, n, ids)
  local turns = root .. 'turns:' .. lane
  -- Every step takes a job, ends a partition, or passes over the empty name: so many steps are enough, whatever the list holds.
  for _ = 1, 2 * (n + redis.call('LLEN', turns)) do
    if #ids >= n then
      return
    end
    local partition = redis.call('LMOVE', turns, turns, 'LEFT', 'RIGHT')
    local list = root .. 'ready:' .. lane .. (partition == '' and '' or ':' .. partition)
    ids[#ids + 1] = redis.call('LPOP', list) or nil
    if partition ~= '' and redis.call('EXISTS', list) == 0 then
      redis.call('RPOP', turns)
      if end_turns(root, lane) then
        return pop_own(root, lane, n, ids)
      end
    end
  end
end

-- Takes up to n jobs off a lane (`<queue>:<lane>`) and appends them to `ids`, which holds `n` at most.
local function pop_lane(root, lane, n, ids)
  if redis.call('EXISTS', root .. 'turns:' .. lane) == 1 then
    return pop_in_turns(root, lane, n, ids)
  end
  pop_own(root, lane, n, ids)
end

-- How many jobs wait in a lane, its partitions included.
local function lane_length(root, lane)
  local length = redis.call('LLEN', root .. 'ready:' .. lane)
  for _, partition in ipairs(redis.call('LRANGE', root .. 'turns:' .. lane, 0, -1)) do
    if partition ~= '' then
      length = length + redis.call('LLEN', root .. 'ready:' .. lane .. ':' .. partition)
    end
  end
  return length
end
