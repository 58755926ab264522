-- declare.lua: a worker says how its provider is guarded. What an operator has changed meanwhile stays as it is.
--
-- KEYS[1]  the provider's root
-- ARGV     field, value, ...
-- Reply    OK
local root = KEYS[1]
for at = 1, #ARGV, 2 do
  if redis.call('HEXISTS', root .. 'overrides', ARGV[at]) == 0 then
    redis.call('HSET', root .. 'guards', ARGV[at], ARGV[at + 1])
  end
end
if redis.call('HGET', root .. 'guards', 'observe') == '1' then
  redis.call('HSETNX', root .. 'circuit', 'mode', 'observe')
end
return redis.status_reply('OK')
