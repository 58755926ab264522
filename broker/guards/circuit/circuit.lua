-- circuit.lua: the state of a provider's circuit. Needs wake.lua, circuit_rule.lua.
--
-- `circuit`       hash: mode, mode_until, state, until, opens, closed_at, half_open_at, streak, streak_at, streak_groups, held_streak, probes_ok,
--                 probes_failed, hold_until, hold_cause, cause, since; denied, denied_cause (witnesses.lua); vouched: 1 once a health probe has found the provider well
--                 since the circuit opened; look_at: when a health probe was last asked for out of turn
-- `window:<sec>`  hash per second: calls, failures, slow, c:<worker>, f:<worker>; lives a minute longer than the window
-- `probes`        zset: job -> when it was admitted as a probe
-- `sick`          zset: group of workers -> until when it is held back
-- `workers`       zset: worker -> when it last asked for jobs
-- `refused`       zset of queues that the guards refused, to be woken when the guards change
-- `events`        stream: what changed, why and by whom; the latest thousand
-- include seldom: broker/event_stream/emit.lua

local LIVE_MS = 15000
local EVENTS_KEPT = 1000
-- Their names say which seconds count. The time to live only cleans up: it must allow for a clock that jumps, as at a failover.
local KEPT_LONGER_MS = 60000

local function circuit_of(root, config)
  local flat, circuit = redis.call('HGETALL', root .. 'circuit'), {}
  for at = 1, #flat, 2 do
    circuit[flat[at]] = tonumber(flat[at + 1]) or flat[at + 1]
  end
  circuit.mode = circuit.mode or (config and config.observe == 1 and 'observe' or 'auto')
  circuit.state = circuit.state or 'closed'
  return circuit
end

-- For metrics: how often, since Valkey knows the provider.
local function add_to_counts(root, what, n)
  redis.call('HINCRBY', root .. 'counts', what, n)
end

local function note(root, now, what, cause, by)
  add_to_counts(root, what, 1)
  redis.call('XADD', root .. 'events', 'MAXLEN', '~', EVENTS_KEPT, '*', 'at', string.format('%.0f', now), 'event', what, 'cause', cause,
    'by', by)
end

-- Wakes up to n waiting workers of each queue that was refused, because the guards have changed.
local function tell_refused(root, n)
  for _, queue in ipairs(redis.call('ZRANGE', root .. 'refused', 0, -1)) do
    wake(root, queue, n, 'turned:')
    if redis.call('EXISTS', root .. 'turned:' .. queue) == 0 then
      redis.call('ZREM', root .. 'refused', queue)
    end
  end
end

local function change(root, now, circuit, fields, what, cause, by)
  local flat = { 'cause', cause, 'since', string.format('%.0f', now) }
  circuit.cause = cause
  for name, value in pairs(fields) do
    circuit[name] = value
    flat[#flat + 1] = name
    flat[#flat + 1] = type(value) == 'number' and string.format('%.0f', value) or value
  end
  redis.call('HSET', root .. 'circuit', unpack(flat))
  note(root, now, what, cause, by)
  local data = { provider = string.match(root, '{(.*)}'), cause = cause, by = by, state = circuit.state, mode = circuit.mode }
  emit_event(root, now, fields.state and 'circuit.' .. what or 'circuit.mode_set', cjson.encode(data))
end

-- A host's processes share its network and its name server. Only where there is a single host do its processes count separately.
local function grouping(root, now)
  local workers, hosts, n = redis.call('ZRANGEBYSCORE', root .. 'workers', now - LIVE_MS, '+inf'), {}, 0
  for _, worker in ipairs(workers) do
    local host = string.match(worker, '^(.*):') or worker
    n = n + (hosts[host] and 0 or 1)
    hosts[host] = true
  end
  local by_host = n > 1
  local group_of = function(worker)
    return by_host and (string.match(worker, '^(.*):') or worker) or worker
  end
  local live = {}
  for _, worker in ipairs(workers) do
    live[group_of(worker)] = true
  end
  return group_of, live
end

local function window_key(root, second)
  return root .. 'window:' .. string.format('%.0f', second)
end

local function open(root, now, circuit, config, cause, by, at_least_ms)
  local opens = (circuit.opens or 0) + 1
  if circuit.state == 'closed' and circuit.closed_at then
    opens = math.max(1, opens - math.floor((now - circuit.closed_at) / config.open_max_ms))
  end
  -- The fractional parts of multiples of the golden ratio are spread evenly, and the same time always gives the same one.
  local chance = now * 0.6180339887498949 % 1
  local stays_ms = math.max(open_ms(opens, chance, config), at_least_ms or 0)
  change(root, now, circuit, { state = 'open', ['until'] = now + stays_ms, opens = opens, probes_ok = 0, vouched = 0 }, 'opened', cause, by)
  redis.call('DEL', root .. 'last_attempts')
end

local function close(root, now, circuit, config, cause, by)
  local over, second = { root .. 'probes', root .. 'probed', root .. 'witnesses', root .. 'denials' }, math.floor(now / 1000)
  -- What failed before says nothing about the provider of now.
  for at = second - math.ceil(config.window_ms / 1000) + 1, second do
    over[#over + 1] = window_key(root, at)
  end
  redis.call('DEL', unpack(over))
  change(root, now, circuit, { state = 'closed', closed_at = now, streak = 0, streak_groups = '', held_streak = 0, probes_ok = 0,
    denied = 0 }, 'closed', cause, by)
  tell_refused(root, 1000)
end

local function half_open(root, now, circuit, cause, by)
  change(root, now, circuit, { state = 'half_open', half_open_at = now, probes_ok = 0, probes_failed = 0 }, 'half_opened', cause, by)
end

-- Ends the probes among these deliveries. Returns id -> true for those that probed the half-open circuit of now, and id -> false for probes of
-- an earlier one, which took their place until now and have nothing to say any more.
local function end_probes(root, circuit, ids)
  local ended = {}
  if #ids == 0 then
    return ended
  end
  for position, since in ipairs(redis.call('ZMSCORE', root .. 'probes', unpack(ids))) do
    if since then
      ended[ids[position]] = circuit.state == 'half_open' and tonumber(since) >= (circuit.half_open_at or 0)
    end
  end
  redis.call('ZREM', root .. 'probes', unpack(ids))
  return ended
end

-- Lets the circuit decide again. A provider that was kept free of calls gets them back at the ramp, and not all at once.
local function automatic(root, now, circuit, cause, by)
  local was_shut = circuit.mode == 'forced_open' and circuit.state == 'closed'
  change(root, now, circuit, { mode = 'auto', closed_at = was_shut and now or nil }, 'auto', cause, by)
end

-- Holds a provider until an instant, as it asked for: no probes are needed afterwards.
local function hold(root, now, circuit, until_ms, cause)
  if until_ms > (circuit.hold_until or 0) then
    local new = (circuit.hold_until or 0) <= now
    circuit.hold_until = until_ms
    redis.call('HSET', root .. 'circuit', 'hold_until', string.format('%.0f', until_ms), 'hold_cause', cause)
    if new then
      note(root, now, 'held', cause, 'fleet')
    end
  end
end

-- The streak begins again for the others; the failures in it still are not successes (`held_streak`).
local function hold_group(root, now, circuit, config, group, cause)
  if (tonumber(redis.call('ZSCORE', root .. 'sick', group)) or 0) <= now then
    redis.call('ZADD', root .. 'sick', now + config.open_ms, group)
    circuit.held_streak = (circuit.held_streak or 0) + (circuit.streak or 0)
    circuit.streak, circuit.streak_groups = 0, ''
    redis.call('HSET', root .. 'circuit', 'streak', 0, 'streak_groups', '', 'held_streak', circuit.held_streak)
    note(root, now, 'worker_held', cause .. ', all of them by ' .. group, 'fleet')
  end
end

local function sick_groups(root, now)
  local sick = {}
  for _, group in ipairs(redis.call('ZRANGEBYSCORE', root .. 'sick', now, '+inf')) do
    sick[group] = true
  end
  return sick
end

local function names(text)
  local set = {}
  for name in string.gmatch(text or '', '[^ ]+') do
    set[name] = true
  end
  return set
end

-- Until when a worker, or its whole host, is held back alone.
local function held_back(root, now, worker)
  local host = string.match(worker, '^(.*):') or worker
  for _, text in ipairs(redis.call('ZMSCORE', root .. 'sick', worker, host)) do
    local until_ms = tonumber(text or 0)
    if until_ms > now then
      return until_ms
    elseif until_ms > 0 then
      redis.call('ZREMRANGEBYSCORE', root .. 'sick', '-inf', now)
    end
  end
end
