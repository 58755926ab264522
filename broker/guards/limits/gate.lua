-- gate.lua: how many jobs of a queue may start now, or why none. Needs circuit.lua, circuit_rule.lua, bucket.lua, actor_limits.lua, adaptive.lua.

-- How many more may probe a half-open circuit. After one has failed a single one decides.
local function free_probes(root, circuit, config)
  local doubtful = (circuit.probes_failed or 0) > 0 and (circuit.probes_ok or 0) == 0
  return math.max(0, (doubtful and 1 or config.probes) - redis.call('ZCARD', root .. 'probes'))
end

-- The circuit's own word. Returns how many jobs at most (nil for any number), or 0 with why and until when.
local function past_circuit(root, now, circuit, config)
  if config.enabled == 0 then
    return 0, 'disabled', 0
  end
  if circuit.mode ~= 'auto' and circuit.mode_until and circuit.mode_until <= now then
    redis.call('HDEL', root .. 'circuit', 'mode_until')
    automatic(root, now, circuit, 'the time of ' .. circuit.mode .. ' is over', 'fleet')
  end
  if circuit.mode == 'forced_open' then
    return 0, 'forced_open', circuit.mode_until or 0
  end
  if circuit.mode ~= 'auto' then
    return nil
  end
  if (circuit.hold_until or 0) > now then
    return 0, 'held', circuit.hold_until
  end
  if circuit.state == 'open' then
    if now < circuit['until'] then
      return 0, 'open', circuit['until']
    end
    half_open(root, now, circuit, 'the open time is over', 'fleet')
  end
  if circuit.state == 'half_open' then
    return free_probes(root, circuit, config), 'half_open', 0
  end
  return nil
end

local DEFAULT_FULL = 100
local RAMP_STEP_MS = 200

local function is_ramping(now, circuit, config)
  return circuit.mode == 'auto' and circuit.state == 'closed' and circuit.closed_at and now - circuit.closed_at < config.ramp_ms
end

-- The fleet's limit: as configured or as measured, lowered for a while after a circuit closed. nil for none. And why, where it moves.
local function limit_in_force(root, now, circuit, config)
  local limit, why = config.limit > 0 and config.limit or nil, ''
  if is_adaptive(config) then
    limit, why = adaptive_limit(root, config)
  end
  if is_ramping(now, circuit, config) then
    return ramp_limit(math.max(0, now - circuit.closed_at), limit or DEFAULT_FULL, config), 'it grows back after the circuit closed'
  end
  return limit, why
end

-- Free permits: the limit less the leases that are held.
local function permits(root, now, circuit, config)
  local limit = limit_in_force(root, now, circuit, config)
  return limit and math.max(0, limit - redis.call('ZCARD', root .. 'leases'))
end

-- Returns how many of `wanted` jobs may start, why not more ('' when all may), and when to ask again in ms (0: when woken).
local function door(root, now, circuit, config, worker, wanted, queue)
  local n, why, look_at = wanted, '', 0
  local through, shut, shut_until = past_circuit(root, now, circuit, config)
  if through and through < n then
    n, why, look_at = through, shut, shut_until
  end
  local sick_until = n > 0 and circuit.mode == 'auto' and held_back(root, now, worker)
  if sick_until then
    return 0, 'worker_held', sick_until
  end
  local free = n > 0 and permits(root, now, circuit, config)
  if free and free < n then
    -- While a closed circuit ramps up there is more room soon, without anybody finishing.
    n, why, look_at = free, 'full', is_ramping(now, circuit, config) and now + RAMP_STEP_MS or 0
  end
  local whole, next_at = short_of_tokens(root .. 'bucket', now, config, n)
  if whole then
    n, why, look_at = whole, 'rate', next_at
  end
  if has_own(config) then
    return past_own(root, now, config, queue, n, why, look_at)
  end
  return n, why, look_at
end

-- Notes that jobs have gone through the door: tokens are spent, and what a half-open circuit lets through is a probe.
local function let_in(root, now, circuit, config, queue, ids)
  spend(root .. 'bucket', now, config, #ids)
  if has_own(config) then
    spend_own(root, now, config, queue, #ids)
  end
  if is_adaptive(config) and #ids > 0 then
    note_admitted(root, now, ids)
  end
  if circuit.mode == 'auto' and circuit.state == 'half_open' then
    for _, id in ipairs(ids) do
      redis.call('ZADD', root .. 'probes', now, id)
    end
    add_to_counts(root, 'probes', #ids)
  end
end

local function turn_away(root, now, queue, worker)
  redis.call('ZREM', root .. 'waiting:' .. queue, worker)
  redis.call('ZADD', root .. 'turned:' .. queue, now, worker)
  redis.call('ZADD', root .. 'refused', now, queue)
end
