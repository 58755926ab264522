-- lanes.lua: the ready lists. A place is `<queue>:<lane>` or `<queue>:<lane>:<partition>`.

local function queue_of(place)
  return string.match(place or '', '^([^:]*):') or ''
end

-- Adds jobs to a lane: `RPUSH` to its tail, `LPUSH` to its head. A partition that had none joins the end of its lane's turns.
local function push(root, place, ids, command)
  local length = redis.call(command, root .. 'ready:' .. place, unpack(ids))
  local lane, partition = string.match(place, '^([^:]*:[^:]*):(.*)$')
  if partition and length == #ids then
    redis.call('RPUSH', root .. 'turns:' .. lane, partition)
  end
end

-- One of the lane's own jobs, then one of the next partition, and so on: ten jobs of one tenant pass ten thousand of another.
local function pop_in_turns(root, lane, n, ids)
  local before = -1
  while #ids < n and #ids > before do
    before = #ids
    ids[#ids + 1] = redis.call('LPOP', root .. 'ready:' .. lane) or nil
    local partition = #ids < n and redis.call('LMOVE', root .. 'turns:' .. lane, root .. 'turns:' .. lane, 'LEFT', 'RIGHT')
    if partition then
      local list = root .. 'ready:' .. lane .. ':' .. partition
      ids[#ids + 1] = redis.call('LPOP', list) or nil
      if redis.call('EXISTS', list) == 0 then
        redis.call('RPOP', root .. 'turns:' .. lane)
        before = -1
      end
    end
  end
end

-- Takes up to n jobs off a lane (`<queue>:<lane>`) and appends them to `ids`, which holds `n` at most.
local function pop_lane(root, lane, n, ids)
  if redis.call('EXISTS', root .. 'turns:' .. lane) == 1 then
    return pop_in_turns(root, lane, n, ids)
  end
  for _, id in ipairs(redis.call('LPOP', root .. 'ready:' .. lane, n - #ids) or {}) do
    ids[#ids + 1] = id
  end
end

-- How many jobs wait in a lane, its partitions included.
local function lane_length(root, lane)
  local length = redis.call('LLEN', root .. 'ready:' .. lane)
  for _, partition in ipairs(redis.call('LRANGE', root .. 'turns:' .. lane, 0, -1)) do
    length = length + redis.call('LLEN', root .. 'ready:' .. lane .. ':' .. partition)
  end
  return length
end
