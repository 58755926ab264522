-- declare.lua: a worker says how its provider is guarded. What an operator has changed meanwhile stays as it is.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, ''
-- ARGV[2]  the queues that the worker serves, separated by spaces: own numbers of their actors that are not named here are none any more
-- ARGV[3+] field, value, ...
-- Reply    OK
-- include: leeward/wire/scripts/parts/now.lua
-- include: broker/guards/limits/adaptive_reset.lua
-- include: broker/guards/limits/bounded.lua
-- include: leeward/wire/scripts/parts/wake.lua
-- include: broker/guards/circuit/circuit.lua
local root = KEYS[1]
-- Processes that are long gone: each that boots sweeps for all.
local GONE_MS = 3600000
local WOKEN_AT_ONCE = 1000

local function forget_own_numbers(queues)
  for _, field in ipairs(redis.call('HKEYS', root .. 'declared')) do
    local sign = string.find(field, '@', 1, true)
    if sign and string.find(' ' .. queues .. ' ', ' ' .. string.sub(field, sign + 1) .. ' ', 1, true) then
      redis.call('HDEL', root .. 'declared', field)
      if redis.call('HEXISTS', root .. 'overrides', field) == 0 then
        redis.call('HDEL', root .. 'guards', field)
      end
    end
  end
end

local was_disabled = redis.call('HGET', root .. 'guards', 'enabled') == '0'
forget_own_numbers(ARGV[2])
redis.call('HSET', root .. 'declared', unpack(ARGV, 3))
for at = 3, #ARGV, 2 do
  if redis.call('HEXISTS', root .. 'overrides', ARGV[at]) == 0 then
    redis.call('HSET', root .. 'guards', ARGV[at], ARGV[at + 1])
  end
end
unlearn_unless_adaptive(root)
note_bounded(root)
if was_disabled and redis.call('HGET', root .. 'guards', 'enabled') ~= '0' then
  tell_refused(root, WOKEN_AT_ONCE)
end
redis.call('ZREMRANGEBYSCORE', root .. 'workers', '-inf', now_ms(ARGV[1]) - GONE_MS)
return redis.status_reply('OK')
