-- read.lua: what of a provider's jobs is still to be carried on.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  after which entry, '-' for the oldest
-- ARGV[3]  how many at most
-- Reply    now in ms; a list of entries: id, fields (flow.lua)
-- include: leeward/wire/scripts/parts/now.lua
local from = ARGV[2] == '-' and '-' or '(' .. ARGV[2]
return { now_ms(ARGV[1]), redis.call('XRANGE', KEYS[1] .. 'handovers', from, '+', 'COUNT', ARGV[3]) }
