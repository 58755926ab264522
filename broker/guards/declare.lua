-- declare.lua: a worker says how its provider is guarded. What an operator has changed meanwhile stays as it is.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, ''
-- ARGV[2+] field, value, ...
-- Reply    OK
-- include: leeward/now.lua
-- include: unlearn.lua
local root = KEYS[1]
-- Processes that are long gone: each that boots sweeps for all.
local GONE_MS = 3600000

redis.call('HSET', root .. 'declared', unpack(ARGV, 2))
for at = 2, #ARGV, 2 do
  if redis.call('HEXISTS', root .. 'overrides', ARGV[at]) == 0 then
    redis.call('HSET', root .. 'guards', ARGV[at], ARGV[at + 1])
  end
end
unlearn_unless_adaptive(root)
redis.call('ZREMRANGEBYSCORE', root .. 'workers', '-inf', now_ms(ARGV[1]) - GONE_MS)
return redis.status_reply('OK')
