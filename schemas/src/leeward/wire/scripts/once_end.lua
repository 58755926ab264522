-- once_end.lua: ends an attempt at a call that is to be made once, or lets it have the key for longer.
--
-- KEYS[1]  the root of all such calls
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  key
-- ARGV[3]  token of the attempt
-- ARGV[4]  'done': it has succeeded; 'failed': the key is free again; 'running': it continues
-- ARGV[5]  for how long the answer is kept, or the attempt has the key, ms
-- ARGV[6]  the answer as JSON; of 'running' how long it is kept that it never reported its end, ms
-- Reply    1, or 0 when another attempt has the key
-- include: leeward/wire/scripts/parts/now.lua
local now, key, what = now_ms(ARGV[1]), KEYS[1] .. 'once:' .. ARGV[2], ARGV[4]
local known = redis.call('HMGET', key, 'token', 'state')
if known[1] ~= ARGV[3] then
  return 0
end
if known[2] == 'done' then
  return what == 'done' and 1 or 0
end
if what == 'failed' then
  redis.call('DEL', key)
elseif what == 'done' then
  redis.call('HSET', key, 'state', 'done', 'answer', ARGV[6])
  redis.call('PEXPIRE', key, ARGV[5])
else
  redis.call('HSET', key, 'until', string.format('%.0f', now + ARGV[5]))
  redis.call('PEXPIRE', key, ARGV[5] + ARGV[6])
end
return 1
