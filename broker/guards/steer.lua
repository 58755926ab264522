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
-- include: leeward/clock.lua
-- include: leeward/wake.lua
-- include: config.lua
-- include: rule.lua
-- include: circuit.lua
-- include: unlearn.lua
local root, verb, by, cause = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local now = now_ms(ARGV[1])
follow_clock(root, now)
local config = guard_config(root)
local circuit = circuit_of(root, config)
-- One failed look may be a hiccup of the network; two are a minute of it.
local UNHEALTHY_LOOKS = 2

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
    redis.call('HSET', root .. 'circuit', 'mode_until', until_ms)
  end
  tell_refused(root, 1000)
end

if verb == 'mode' then
  steer_mode(ARGV[5], ARGV[6])
elseif verb == 'set' then
  redis.call('HSET', root .. 'guards', unpack(ARGV, 5))
  redis.call('HSET', root .. 'overrides', unpack(ARGV, 5))
  unlearn_unless_adaptive(root)
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
  note(root, now, 'reset', cause, by)
  tell_refused(root, 1000)
elseif not config or circuit.mode ~= 'auto' then
  return circuit.state
elseif verb == 'healthy' then
  redis.call('HSET', root .. 'circuit', 'unhealthy', 0)
  if circuit.state == 'open' then
    half_open(root, now, circuit, cause, by)
    tell_refused(root, config.probes)
  end
elseif verb == 'unhealthy' then
  local looks = redis.call('HINCRBY', root .. 'circuit', 'unhealthy', 1)
  if looks >= UNHEALTHY_LOOKS and circuit.state == 'closed' and (circuit.streak or 0) > 0 then
    open(root, now, circuit, config, cause, by)
  end
end
return circuit.state
