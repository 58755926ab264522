-- lane_shares.lua: a lower lane that waits gets a part of the starts, so that higher ones cannot keep it waiting for ever.
-- Needs turns.lua, partition_limit.lua.
-- exports: take_from_lanes
--
-- `shares:<queue>`  hash: lane -> starts that it has coming, a fraction. Of the whole fleet; gone after an hour without two lanes waiting

local LANES = { 'interactive', 'normal', 'bulk' }
local DEFAULT_SHARE = 0.1
local SHARES_KEPT_MS = 3600000
-- What a lane could not take, as while its partitions are full, it does not save up.
local MOST_COMING = 2
-- Ten tenths must make one.
local ROUNDING = 1e-6

local function coming_of(root, queue)
  local found = redis.call('HMGET', root .. 'shares:' .. queue, LANES[2], LANES[3])
  return { [LANES[2]] = tonumber(found[1]) or 0, [LANES[3]] = tonumber(found[2]) or 0 }
end

-- How many of `n` starts are kept for each of the lanes that wait below the first, and for all of them.
local function reserved_for(lanes, coming, n, share)
  local reserved, all = {}, 0
  for at = 2, #lanes do
    reserved[lanes[at]] = math.min(n - all, math.floor(coming[lanes[at]] + n * share + ROUNDING))
    all = all + reserved[lanes[at]]
  end
  return reserved, all
end

local function note_shares(root, queue, lanes, coming, taken, started, share)
  local flat = {}
  for at = 2, #lanes do
    local lane = lanes[at]
    flat[#flat + 1] = lane
    flat[#flat + 1] = string.format('%.6f', math.max(0, math.min(MOST_COMING, coming[lane] + started * share - taken[lane])))
  end
  redis.call('HSET', root .. 'shares:' .. queue, unpack(flat))
  redis.call('PEXPIRE', root .. 'shares:' .. queue, SHARES_KEPT_MS)
end

-- Takes up to n jobs off these lanes of a queue, those that wait, the higher first.
local function take_by_share(root, queue, lanes, n, share, taking)
  local coming, ids, taken = coming_of(root, queue), {}, {}
  local reserved, all = reserved_for(lanes, coming, n, share)
  for _, lane in ipairs(lanes) do
    all = all - (reserved[lane] or 0)
    local before = #ids
    take(root, queue .. ':' .. lane, n - all, ids, taking)
    taken[lane] = #ids - before
  end
  -- What a lower lane did not take is for the other lanes.
  for _, lane in ipairs(lanes) do
    local before = #ids
    take(root, queue .. ':' .. lane, n, ids, taking)
    taken[lane] = taken[lane] + #ids - before
  end
  note_shares(root, queue, lanes, coming, taken, #ids, share)
  return ids
end

local function waiting_lanes(root, queue)
  local waiting = {}
  for _, lane in ipairs(LANES) do
    if redis.call('EXISTS', root .. 'ready:' .. queue .. ':' .. lane, root .. 'turns:' .. queue .. ':' .. lane) > 0 then
      waiting[#waiting + 1] = lane
    end
  end
  return waiting
end

-- Takes up to n jobs off a queue where more than one list may have some. Returns their ids, and what is known of partitions.
local function take_from_lanes(root, queue, n, config)
  local limit, share = partition_limit(config), config and config.lane_share or DEFAULT_SHARE
  rejoin_what_is_free(root, limit)
  local taking, lanes, ids = new_taking(root, limit), waiting_lanes(root, queue), {}
  if #lanes > 1 and share > 0 then
    return take_by_share(root, queue, lanes, n, share, taking), taking
  end
  for _, lane in ipairs(lanes) do
    take(root, queue .. ':' .. lane, n, ids, taking)
  end
  return ids, taking
end
