-- publish.lua: describes kinds, unless another worker has changed one of them since it was read.
--
-- KEYS[1]  leeward:kinds, hash: <kind>@<version> -> JSON; `revision` -> changes with every change
-- ARGV     for each kind three: its name, the JSON that it had ('' for none), the JSON that it gets
-- Reply    1, or 0 when one has changed and nothing was written
for at = 1, #ARGV, 3 do
  if (redis.call('HGET', KEYS[1], ARGV[at]) or '') ~= ARGV[at + 1] then
    return 0
  end
end
for at = 1, #ARGV, 3 do
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 2])
end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'revision', time[1] .. '.' .. time[2])
return 1
