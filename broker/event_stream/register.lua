-- register.lua: which handlers there are at a provider; those that no pump has had for a long time are forgotten.
--
-- KEYS[1]  the root of the provider whose queue the handlers' jobs go to (key map: leeward/wire/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  how long a handler is kept after a pump last had it, ms
-- ARGV[3+] handlers
-- Reply    since when each handler is known, server ms, in their order; then the handlers that are forgotten now
-- include: leeward/wire/scripts/parts/now.lua
local root, now = KEYS[1], now_ms(ARGV[1])
local FIRST = 3
local since, forgotten = {}, {}
for at = FIRST, #ARGV do
  redis.call('ZADD', root .. 'event_handlers', string.format('%.0f', now), ARGV[at])
  redis.call('HSETNX', root .. 'event_cursors', ARGV[at], string.format('%.0f', now))
  since[#since + 1] = redis.call('HGET', root .. 'event_cursors', ARGV[at])
end
for _, handler in ipairs(redis.call('ZRANGEBYSCORE', root .. 'event_handlers', '-inf', '(' .. string.format('%.0f', now - ARGV[2]))) do
  forgotten[#forgotten + 1] = handler
  redis.call('ZREM', root .. 'event_handlers', handler)
  redis.call('HDEL', root .. 'event_losses', handler)
  for _, field in ipairs(redis.call('HKEYS', root .. 'event_cursors')) do
    if field == handler or string.sub(field, 1, #handler + 1) == handler .. ' ' then
      redis.call('HDEL', root .. 'event_cursors', field)
    end
  end
end
return { since, forgotten }
