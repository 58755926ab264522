-- adaptive.lua: measurements of how many calls at once a provider can take. Needs circuit.lua, adaptive_rule.lua.
-- exports: adaptive_limit, note_admitted, measure
--
-- `adaptive`  hash: limit, baseline, usual, rising, held, resume, cause, and of the events `mark`, `fallen`, `told` (adaptive_rule.lua);
--             of the sample that is being taken began, ok, failed, took_ms, peak
-- `admitted`  hash: running job -> when it was leased
local SAMPLE = { 'began', 'ok', 'failed', 'took_ms', 'peak' }

-- Nothing has been measured: the limit begins at the floor.
local function adaptive_of(root)
  local state = { limit = 0, baseline = 0, usual = 0, rising = 1, held = 0, resume = 0, cause = 'it has just begun', mark = 0, fallen = 0,
    told = 0, began = 0, ok = 0, failed = 0, took_ms = 0, peak = 0 }
  local flat = redis.call('HGETALL', root .. 'adaptive')
  for at = 1, #flat, 2 do
    state[flat[at]] = tonumber(flat[at + 1]) or flat[at + 1]
  end
  return state
end

-- The whole number of permits, and why so many.
local function adaptive_limit(root, config)
  local state = adaptive_of(root)
  return math.floor(within(state.limit, config)), state.cause
end

local function keep(root, state, names)
  local flat = {}
  for _, name in ipairs(names) do
    flat[#flat + 1] = name
    flat[#flat + 1] = type(state[name]) == 'number' and string.format('%.6f', state[name]) or state[name]
  end
  redis.call('HSET', root .. 'adaptive', unpack(flat))
end

local function begin_sample(root, now, state)
  state.began, state.ok, state.failed, state.took_ms, state.peak = now, 0, 0, 0, redis.call('ZCARD', root .. 'leases')
end

-- Notes when jobs were leased, and how many permits are in use by that.
local function note_admitted(root, now, ids)
  local flat = {}
  for _, id in ipairs(ids) do
    flat[#flat + 1] = id
    flat[#flat + 1] = string.format('%.0f', now)
  end
  redis.call('HSET', root .. 'admitted', unpack(flat))
  local state = adaptive_of(root)
  if state.began == 0 then
    begin_sample(root, now, state)
  end
  state.peak = math.max(state.peak, redis.call('ZCARD', root .. 'leases'))
  keep(root, state, SAMPLE)
end

-- Adds the calls that began in this sample: what began before it, or before the circuit closed, ran beside other numbers of calls.
local function add_calls(root, now, circuit, state, ids, fates)
  local closed_at = circuit.closed_at or 0
  -- Later than now after the clock was set back.
  local since = math.max(state.began, closed_at <= now and closed_at or 0)
  for position, admitted in ipairs(redis.call('HMGET', root .. 'admitted', unpack(ids))) do
    local at, fate = admitted and tonumber(admitted), fates[position]
    if at and at >= since and at <= now and fate then
      state[fate] = state[fate] + 1
      state.took_ms = state.took_ms + (fate == 'ok' and now - at or 0)
    end
  end
end

local function end_sample(root, now, config, state)
  local before = math.floor(within(state.limit, config))
  local new, event = adapted(state, state, config), nil
  if new.resume == 0 then
    event, new.mark, new.fallen, new.told = news(new, math.floor(new.limit), now, config)
  end
  begin_sample(root, now, new)
  keep(root, new, { 'limit', 'baseline', 'usual', 'rising', 'held', 'resume', 'mark', 'fallen', 'told', 'cause', unpack(SAMPLE) })
  if event then
    note(root, now, event, string.format('%d at once of at most %d: %s', math.floor(new.limit), config.limit, new.cause), 'fleet')
  end
  return math.max(0, math.floor(new.limit) - before)
end

-- Takes ended deliveries into account: `fates` are 'ok', 'failed' or false for those that say nothing. Returns by how much the limit grew.
local function measure(root, now, circuit, config, ids, fates)
  local state = adaptive_of(root)
  if state.began > now then
    -- The clock was set back.
    begin_sample(root, now, state)
  end
  -- What a provider does in an outage, or to single probes, does not show how many calls it can take.
  if circuit.mode ~= 'auto' or circuit.state == 'closed' then
    add_calls(root, now, circuit, state, ids, fates)
  end
  redis.call('HDEL', root .. 'admitted', unpack(ids))
  if is_enough(state, now - state.began) then
    return end_sample(root, now, config, state)
  end
  keep(root, state, SAMPLE)
  return 0
end
