-- report.lua: a process says what it does. With its first report those that have long been silent are forgotten; to look at all with each would
-- cost a large fleet the square of its size.
--
-- KEYS[1]  leeward:processes, hash: `<role> <host>:<pid>` -> `<server ms> <JSON>` (broker/fleet/processes.py)
-- ARGV[1]  now, server ms; '' for the server's clock
-- ARGV[2]  the field
-- ARGV[3]  the JSON
-- ARGV[4]  how long a silent one is kept, ms
-- Reply    now, server ms
-- include: leeward/wire/scripts/parts/now.lua
local now = now_ms(ARGV[1])
local is_new = redis.call('HSET', KEYS[1], ARGV[2], string.format('%.0f', now) .. ' ' .. ARGV[3]) == 1
local known = is_new and redis.call('HGETALL', KEYS[1]) or {}
for at = 1, #known, 2 do
  local seen = tonumber(string.match(known[at + 1], '^%d+') or '0')
  if seen < now - tonumber(ARGV[4]) then
    redis.call('HDEL', KEYS[1], known[at])
  end
end
return now
