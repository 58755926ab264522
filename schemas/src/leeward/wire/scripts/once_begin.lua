-- once_begin.lua: takes the key of a call that is to be made once, or answers with what became of it.
--
-- KEYS[1]  the root of all such calls
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  key
-- ARGV[3]  fingerprint of what is called with it
-- ARGV[4]  token of this attempt
-- ARGV[5]  for how long it has the key, ms
-- ARGV[6]  how long it is kept afterwards that it never reported its end, ms
-- Reply    'new', or 'again' when an earlier attempt never reported its end; or 'answer' and the stored answer as JSON; or 'running' and
--          for how long the other attempt has the key at most, ms; or 'conflict'
-- include: leeward/wire/scripts/parts/now.lua
local now, key = now_ms(ARGV[1]), KEYS[1] .. 'once:' .. ARGV[2]
local known = redis.call('HMGET', key, 'fingerprint', 'state', 'token', 'until', 'answer')
if known[1] and known[1] ~= ARGV[3] then
  return { 'conflict' }
end
if known[2] == 'done' then
  return { 'answer', known[5] }
end
local left = (tonumber(known[4]) or 0) - now
-- The same attempt, asking again because its reply was lost, has the key already.
if known[1] and left > 0 and known[3] ~= ARGV[4] then
  return { 'running', left }
end
redis.call('HSET', key, 'fingerprint', ARGV[3], 'state', 'running', 'token', ARGV[4], 'until', string.format('%.0f', now + ARGV[5]))
redis.call('PEXPIRE', key, ARGV[5] + ARGV[6])
return { known[1] and known[3] ~= ARGV[4] and 'again' or 'new' }
