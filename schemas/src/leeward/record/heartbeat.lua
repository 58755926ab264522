-- heartbeat.lua: a worker process says that it lives; those that have long been silent are forgotten.
--
-- KEYS[1]  leeward:workers, zset: <process> <digest of its catalogue> -> latest heartbeat, server ms
-- ARGV[1]  the member
-- ARGV[2]  how long a silent one is kept, ms
-- ARGV[3]  now, server ms; '' for the server's clock
-- Reply    now, server ms
-- include: leeward/wire/scripts/parts/now.lua
local now = now_ms(ARGV[3])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
return now
