-- door.lua: how many jobs of a provider may start now, or why none. Needs circuit.lua, rule.lua.

-- The circuit's own word. Returns how many jobs at most (nil for any number), or 0 with why and until when.
local function past_circuit(root, now, circuit, config)
  if (circuit.mode == 'forced_open' or circuit.mode == 'forced_closed') and circuit.mode_until and circuit.mode_until <= now then
    redis.call('HDEL', root .. 'circuit', 'mode_until')
    change(root, now, circuit, { mode = 'auto' }, 'automatic', 'the time of ' .. circuit.mode .. ' is over', 'fleet')
  end
  if circuit.mode == 'forced_open' then
    return 0, 'forced_open', circuit.mode_until or 0
  end
  if (circuit.hold_until or 0) > now then
    return 0, 'held', circuit.hold_until
  end
  if circuit.mode ~= 'auto' then
    return nil
  end
  if circuit.state == 'open' then
    if now < circuit['until'] then
      return 0, 'open', circuit['until']
    end
    half_open(root, now, circuit)
  end
  if circuit.state == 'half_open' then
    local left = config.probes - redis.call('ZCARD', root .. 'probes')
    return math.max(0, left), 'half_open', 0
  end
  return nil
end

local function held_back(root, now, worker)
  local host = string.match(worker, '^(.*):') or worker
  for _, group in ipairs({ worker, host }) do
    local until_ms = tonumber(redis.call('ZSCORE', root .. 'sick', group))
    if until_ms and until_ms > now then
      return until_ms
    elseif until_ms then
      redis.call('ZREM', root .. 'sick', group)
    end
  end
end

local DEFAULT_FULL = 100

-- Free permits: the fleet's limit, lowered for a while after a circuit closed, less the leases that are held.
local function permits(root, now, circuit, config)
  local limit = config.limit > 0 and config.limit or nil
  if circuit.mode == 'auto' and circuit.closed_at and now - circuit.closed_at < config.ramp_ms then
    limit = ramp_limit(now - circuit.closed_at, limit or DEFAULT_FULL, config)
  end
  return limit and math.max(0, limit - redis.call('ZCARD', root .. 'leases'))
end

local function tokens(root, now, config)
  local bucket = redis.call('HMGET', root .. 'bucket', 'tokens', 'at')
  return refilled(tonumber(bucket[1]) or config.burst, tonumber(bucket[2]) or now, now, config)
end

local function spend(root, now, config, n)
  if config.rate > 0 and n > 0 then
    redis.call('HSET', root .. 'bucket', 'tokens', tostring(tokens(root, now, config) - n), 'at', string.format('%.0f', now))
  end
end

-- Returns how many of `wanted` jobs may start, why not more ('' when all may), and when to look again in ms (0: to be told).
local function door(root, now, circuit, config, worker, wanted)
  local sick_until = held_back(root, now, worker)
  if sick_until then
    return 0, 'worker_held', sick_until
  end
  local n, why, look_at = past_circuit(root, now, circuit, config)
  if n == 0 then
    return 0, why, look_at
  end
  n, why, look_at = math.min(n or wanted, wanted), n and why or '', look_at or 0
  local free = permits(root, now, circuit, config)
  if free and free < n then
    -- While a closed circuit ramps up there is more room soon, without anybody finishing.
    local ramping = circuit.closed_at and now - circuit.closed_at < config.ramp_ms
    n, why, look_at = free, 'full', ramping and now + 200 or 0
  end
  if config.rate > 0 then
    local held = tokens(root, now, config)
    if held < n then
      n, why, look_at = math.floor(held), 'rate', now + math.ceil((math.floor(held) + 1 - held) * 1000 / config.rate)
    end
  end
  return n, why, look_at
end

-- Notes that jobs have gone through the door: tokens are spent, and what a half-open circuit lets through is a probe.
local function let_in(root, now, circuit, config, ids)
  spend(root, now, config, #ids)
  if circuit.mode == 'auto' and circuit.state == 'half_open' then
    for _, id in ipairs(ids) do
      redis.call('ZADD', root .. 'probes', now, id)
    end
  end
end

local function turn_away(root, now, queue, worker)
  redis.call('ZADD', root .. 'turned:' .. queue, now, worker)
  redis.call('ZADD', root .. 'refused', now, queue)
end
