-- trim.lua: forgets the events of a stream that are older than people want to keep them.
--
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/wire/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  how long an event is kept, ms
-- Reply    how many were removed
-- include: leeward/wire/scripts/parts/now.lua
local oldest = now_ms(ARGV[1]) - tonumber(ARGV[2])
return redis.call('XTRIM', KEYS[1] .. 'event_stream', 'MINID', '~', string.format('%.0f', math.max(0, oldest)))
