-- take_jobs.lua: takes jobs off a queue. Needs lane_shares.lua.

-- Takes up to n jobs off a queue. Mostly one list is all there is, and is found at once: then nothing is returned but its ids.
local function take_jobs(root, queue, n, config)
  local ready, turns = root .. 'ready:' .. queue .. ':', root .. 'turns:' .. queue .. ':'
  local present = redis.call('EXISTS', root .. 'withdrawn', root .. 'parked', ready .. 'interactive', turns .. 'interactive',
    ready .. 'normal', turns .. 'normal', ready .. 'bulk', turns .. 'bulk')
  if present == 0 then
    return {}
  end
  for _, lane in ipairs(present == 1 and { 'interactive', 'normal', 'bulk' } or {}) do
    local ids = redis.call('LPOP', ready .. lane, n)
    if ids then
      return ids
    end
  end
  return take_from_lanes(root, queue, n, config)
end
