-- witnesses.lua: the jobs whose failures count against a provider. One job alone is never enough: it may itself be the cause. Needs circuit.lua.
-- exports: note_witnesses, witnesses_since, deny, forget_denials
--
-- `witnesses`  zset: job -> when its call last failed; the latest ten
-- `denials`    zset: job -> when the provider last refused it because of credentials or settings; the latest ten since a call
--              succeeded. `denied` in the circuit's hash: 1 while there are any; `denied_cause`: the latest
local WITNESSES = 2
local WITNESSES_KEPT = 10
local WITNESSES_KEPT_MS = 7 * 86400000

local function note_witnesses(root, key, now, ids)
  for _, id in ipairs(ids) do
    redis.call('ZADD', root .. key, now, id)
  end
  redis.call('ZREMRANGEBYRANK', root .. key, 0, -WITNESSES_KEPT - 1)
  redis.call('PEXPIRE', root .. key, WITNESSES_KEPT_MS)
end

-- How many different jobs have failed since an instant; ten for more.
local function witnesses_since(root, since)
  return redis.call('ZCOUNT', root .. 'witnesses', string.format('%.0f', since), '+inf')
end

-- One more job says that nothing of ours is let in. True when that is enough to open the circuit.
local function deny(root, now, circuit, id, cause)
  if circuit.denied ~= 1 then
    note(root, now, 'accused', 'job ' .. id .. ' alone so far: ' .. cause, 'fleet')
  end
  circuit.denied, circuit.denied_cause = 1, cause
  redis.call('HSET', root .. 'circuit', 'denied', 1, 'denied_cause', cause)
  note_witnesses(root, 'denials', now, { id })
  return redis.call('ZCARD', root .. 'denials') >= WITNESSES
end

local function forget_denials(root, circuit)
  redis.call('DEL', root .. 'denials')
  redis.call('HSET', root .. 'circuit', 'denied', 0)
  circuit.denied = 0
end
