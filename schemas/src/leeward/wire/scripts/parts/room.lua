-- room.lua: whether one more job may wait, or any. Needs lanes.lua, withdrawn.lua.
-- exports: room_of, lack_of_room
--
-- The numbers are the provider's `max_waiting`, of all its jobs that do not run, delayed ones included, and `partition_max_waiting`, of the
-- jobs of a partition that are ready in one queue.

-- What there is room for; nothing where no number is set.
local function room_of(root)
  local most = redis.call('HMGET', root .. 'guards', 'max_waiting', 'partition_max_waiting', 'enabled')
  if most[3] == '0' then
    return { disabled = true }
  end
  if tonumber(most[1] or 0) <= 0 and tonumber(most[2] or 0) <= 0 then
    return nil
  end
  local room = { provider = tonumber(most[1] or 0), partition = tonumber(most[2] or 0), ready = {} }
  room.waiting = redis.call('HLEN', root .. 'jobs') - redis.call('ZCARD', root .. 'leases')
  return room
end

local function ready_of(root, queue, partition)
  local n = 0
  for _, lane in ipairs({ 'interactive', 'normal', 'bulk' }) do
    n = n + waiting_at(root, queue .. ':' .. lane .. ':' .. partition)
  end
  return n
end

-- Whose number leaves no room for a job: the partition, or '' for the provider; then how many wait, and how many may. nothing when it has
-- room, which it then takes.
local function lack_of_room(root, room, place, delayed)
  if room.provider > 0 and room.waiting >= room.provider then
    return '', room.waiting, room.provider
  end
  local lane, partition = lane_and_partition(place)
  if partition and room.partition > 0 then
    local at = queue_of(lane) .. ':' .. partition
    room.ready[at] = room.ready[at] or ready_of(root, queue_of(lane), partition)
    if room.ready[at] >= room.partition then
      return partition, room.ready[at], room.partition
    end
    room.ready[at] = room.ready[at] + (delayed and 0 or 1)
  end
  room.waiting = room.waiting + 1
end
