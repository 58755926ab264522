-- due.lua: puts jobs back into their lanes. Needs wake.lua.

-- Moves what is due from the schedule to the tails of the lanes, and wakes the workers of the queues it belongs to.
local function move_due(root, now, at_most)
  local due = redis.call('ZRANGEBYSCORE', root .. 'scheduled', '-inf', now, 'LIMIT', 0, at_most)
  if #due == 0 then
    return 0
  end
  local places = redis.call('HMGET', root .. 'places', unpack(due))
  local moved = {}
  for position, id in ipairs(due) do
    local place = places[position]
    if place then
      redis.call('RPUSH', root .. 'ready:' .. place, id)
      local queue = string.match(place, '^(.*):')
      moved[queue] = (moved[queue] or 0) + 1
    end
  end
  redis.call('ZREM', root .. 'scheduled', unpack(due))
  for queue, n in pairs(moved) do
    wake(root, queue, n)
  end
  return #due
end

-- Puts a job back at the head of the lane it came from, as if nobody had taken it.
local function put_back(root, id)
  local place = redis.call('HGET', root .. 'places', id)
  if place then
    redis.call('LPUSH', root .. 'ready:' .. place, id)
    wake(root, string.match(place, '^(.*):'), 1)
  end
end
