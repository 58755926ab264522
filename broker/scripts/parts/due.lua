-- due.lua: puts jobs back into their lanes. Needs wake.lua, lanes.lua.

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
      moved[place] = moved[place] or {}
      table.insert(moved[place], id)
    end
  end
  redis.call('ZREM', root .. 'scheduled', unpack(due))
  for place, ids in pairs(moved) do
    push(root, place, ids, 'RPUSH')
    wake(root, queue_of(place), #ids)
  end
  return #due
end

-- Puts a job back into the lane it came from: at its head, as if no worker had taken it, or at its tail.
local function put_back(root, id, tail)
  local place = redis.call('HGET', root .. 'places', id)
  if place then
    push(root, place, { id }, tail and 'RPUSH' or 'LPUSH')
    wake(root, queue_of(place), 1)
  end
end
