-- lane_length.lua: how many jobs wait in a lane. Needs lanes.lua, withdrawn.lua.
-- exports: lane_length

-- So many partitions are counted one by one; of more, it is known how many jobs wait in all of them (`partitioned`).
local COUNTED_ONE_BY_ONE = 200

-- Returns how many wait without a partition and with one, and whether the latter were counted one by one.
local function lane_length(root, lane)
  local own = waiting_at(root, lane)
  local turns = redis.call('LLEN', root .. 'turns:' .. lane)
  local counted = tonumber(redis.call('HGET', root .. 'partitioned', lane)) or 0
  if turns > COUNTED_ONE_BY_ONE or redis.call('HEXISTS', root .. 'parked_in', lane) == 1 then
    return own, counted, false
  end
  local n = 0
  for _, partition in ipairs(turns > 0 and redis.call('LRANGE', root .. 'turns:' .. lane, 0, -1) or {}) do
    n = n + (partition ~= '' and waiting_at(root, lane .. ':' .. partition) or 0)
  end
  count_partitioned(root, lane, n - counted)
  return own, n, true
end
