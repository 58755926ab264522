-- actor_limits.lua: an actor's own numbers, kept by the queue where its jobs wait, within those of its provider. Needs lanes.lua, bucket.lua.
-- exports: past_own, spend_own, own_numbers

-- So many ids fit into one call.
local AT_A_TIME = 1000

-- Calls `see(id, queue)` for each of these live jobs.
local function each_queue(root, ids, see)
  for from = 1, #ids, AT_A_TIME do
    local to = math.min(from + AT_A_TIME - 1, #ids)
    for position, place in ipairs(redis.call('HMGET', root .. 'places', unpack(ids, from, to))) do
      see(ids[from + position - 1], queue_of(place))
    end
  end
end

-- Counted from the leases each time: a count of its own could come to disagree with them.
local function own_permits(root, limit, queue)
  local used = 0
  each_queue(root, redis.call('ZRANGE', root .. 'leases', 0, -1), function(_, place)
    used = used + (place == queue and 1 or 0)
  end)
  return math.max(0, limit - used)
end

-- What the queue's own numbers leave of `n` jobs that its provider lets through, and why and until when, which stay as they are where they
-- take nothing away.
local function past_own(root, now, config, queue, n, why, look_at)
  local own = config.own[queue]
  if not own or n == 0 then
    return n, why, look_at
  end
  local free = own.limit > 0 and own_permits(root, own.limit, queue)
  if free and free < n then
    n, why, look_at = free, 'actor_full', 0
  end
  local whole, next_at = short_of_tokens(root .. 'bucket:' .. queue, now, own, n)
  if whole then
    n, why, look_at = whole, 'actor_rate', next_at
  end
  return n, why, look_at
end

local function spend_own(root, now, config, queue, n)
  if config.own[queue] then
    spend(root .. 'bucket:' .. queue, now, config.own[queue], n)
  end
end

-- The own numbers of the actors of these live jobs: id -> numbers, or nothing for a job whose actor has none.
local function own_numbers(root, config, ids)
  local found = {}
  if next(config.own) then
    each_queue(root, ids, function(id, queue)
      found[id] = config.own[queue]
    end)
  end
  return found
end
