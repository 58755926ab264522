-- steer.lua: what people and health probes tell a provider's guards.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, ''
-- ARGV[2]  verb: mode | set | reset | healthy | unhealthy
-- ARGV[3]  by whom
-- ARGV[4]  cause
-- ARGV[5]  for mode: auto, forced_open, forced_closed or observe
-- ARGV[6]  for mode: until when in ms, '' for no end
-- ARGV[5+] for set: field, value, ...; for reset: field, ...
-- Reply    the state that the circuit is in now
-- include: leeward/now.lua
-- include: leeward/wake.lua
-- include: config.lua
-- include: rule.lua
-- include: circuit.lua
local root, verb, by, cause = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local now = now_ms(ARGV[1])
local config, circuit = guard_config(root), circuit_of(root)
-- One failed look may be a hiccup of the network; two are a minute of it.
local UNHEALTHY_LOOKS = 2

if verb == 'mode' then
  change(root, now, circuit, { mode = ARGV[5] }, ARGV[5], cause, by)
  redis.call('HDEL', root .. 'circuit', 'mode_until')
  if ARGV[6] ~= '' then
    redis.call('HSET', root .. 'circuit', 'mode_until', ARGV[6])
  end
  if ARGV[5] == 'auto' then
    redis.call('HDEL', root .. 'circuit', 'hold_until')
    if circuit.state ~= 'closed' then
      half_open(root, now, circuit)
    end
  end
  tell_refused(root, 1000)
elseif verb == 'set' then
  redis.call('HSET', root .. 'guards', unpack(ARGV, 5))
  redis.call('HSET', root .. 'overrides', unpack(ARGV, 5))
  note(root, now, 'set', cause, by)
  tell_refused(root, 1000)
elseif verb == 'reset' then
  -- The declared values come back with the next worker that declares them; until then the last ones stay.
  redis.call('HDEL', root .. 'overrides', unpack(ARGV, 5))
  note(root, now, 'reset', cause, by)
elseif not config or circuit.mode ~= 'auto' then
  return circuit.state
elseif verb == 'healthy' then
  redis.call('HSET', root .. 'circuit', 'unhealthy', 0)
  if circuit.state == 'open' then
    half_open(root, now, circuit)
    tell_refused(root, config.probes)
  end
elseif verb == 'unhealthy' then
  local looks = redis.call('HINCRBY', root .. 'circuit', 'unhealthy', 1)
  if looks >= UNHEALTHY_LOOKS and circuit.state == 'closed' and (circuit.streak or 0) > 0 then
    open(root, now, circuit, config, cause, by)
  end
end
return circuit.state
