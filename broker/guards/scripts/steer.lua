-- steer.lua: changes a provider's guards on behalf of people and health probes.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, ''
-- ARGV[2]  verb: mode | set | reset | healthy | unhealthy
-- ARGV[3]  by whom
-- ARGV[4]  cause
-- ARGV[5]  for mode: auto, forced_open, forced_closed or observe
-- ARGV[6]  for mode: until when in ms, '+' and a number for so many ms from now, '' for no end
-- ARGV[5]  for unhealthy: the worker process that probed, '' or absent where it is not known
-- ARGV[5+] for set: field, value, ...; for reset: field, ...
-- Reply    the state that the circuit is in now
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/clock.lua
-- include: leeward/wire/scripts/parts/wake.lua
-- include: broker/guards/limits/config.lua
-- include: broker/guards/circuit/circuit_rule.lua
-- include: broker/guards/circuit/circuit.lua
-- include: broker/guards/circuit/witnesses.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: broker/guards/circuit/last_attempts.lua
-- include: broker/guards/limits/adaptive_reset.lua
-- include: broker/guards/limits/bounded.lua
local root, verb, by, cause = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local now = now_ms(ARGV[1])
follow_clock(root, now)
local config = guard_config(root)
local circuit = circuit_of(root, config)

-- Whether any job has failed since the last success, or was denied.
local function is_accused()
  return (circuit.streak or 0) + (circuit.held_streak or 0) > 0 or circuit.denied == 1
end

-- One failed job and one failed probe are two witnesses; if both are from one of several hosts, that host may be the cause.
local function confirm(looker)
  if circuit.denied == 1 then
    return open(root, now, circuit, config, (circuit.denied_cause or '') .. '; ' .. cause, by)
  end
  local group_of, live = grouping(root, now)
  local sick = sick_groups(root, now)
  local suspects = { [group_of(looker)] = true }
  for group in pairs(sick) do
    suspects[group] = true
  end
  for worker in pairs(names(circuit.streak_groups)) do
    suspects[group_of(worker)] = true
  end
  local what, group = blame(suspects, live, sick)
  if what == 'sick' and looker ~= '' then
    hold_group(root, now, circuit, config, group, cause)
  else
    open(root, now, circuit, config, cause, by)
  end
end
local function steer_mode(mode, until_ms)
  if mode == 'auto' then
    redis.call('HDEL', root .. 'circuit', 'hold_until')
    automatic(root, now, circuit, cause, by)
    if circuit.state ~= 'closed' then
      half_open(root, now, circuit, cause, by)
    end
  else
    change(root, now, circuit, { mode = mode }, mode, cause, by)
    if mode ~= 'forced_open' and circuit.state ~= 'closed' then
      close(root, now, circuit, config or { window_ms = 0 }, cause, by)
    end
  end
  redis.call('HDEL', root .. 'circuit', 'mode_until')
  if until_ms ~= '' then
    local span_ms = string.match(until_ms, '^%+(%d+)$')
    redis.call('HSET', root .. 'circuit', 'mode_until', span_ms and as_ms(now + span_ms) or until_ms)
  end
  tell_refused(root, 1000)
end

if verb == 'mode' then
  steer_mode(ARGV[5], ARGV[6])
elseif verb == 'set' then
  redis.call('HSET', root .. 'guards', unpack(ARGV, 5))
  redis.call('HSET', root .. 'overrides', unpack(ARGV, 5))
  unlearn_unless_adaptive(root)
  note_bounded(root)
  note(root, now, 'set', cause, by)
  tell_refused(root, 1000)
elseif verb == 'reset' then
  redis.call('HDEL', root .. 'overrides', unpack(ARGV, 5))
  for at = 5, #ARGV do
    local declared = redis.call('HGET', root .. 'declared', ARGV[at])
    if declared then
      redis.call('HSET', root .. 'guards', ARGV[at], declared)
    else
      redis.call('HDEL', root .. 'guards', ARGV[at])
    end
  end
  unlearn_unless_adaptive(root)
  note_bounded(root)
  note(root, now, 'reset', cause, by)
  tell_refused(root, 1000)
elseif not config or circuit.mode ~= 'auto' then
  return circuit.state
elseif verb == 'healthy' then
  redis.call('HSET', root .. 'circuit', 'vouched', 1)
  if circuit.state == 'open' then
    half_open(root, now, circuit, cause, by)
    tell_refused(root, config.probes)
  end
  end_last_attempts(root, now)
elseif verb == 'unhealthy' then
  redis.call('HSET', root .. 'circuit', 'vouched', 0)
  end_last_attempts(root, now)
  if circuit.state == 'closed' and is_accused() then
    confirm(ARGV[5] or '')
  end
end
return circuit.state
