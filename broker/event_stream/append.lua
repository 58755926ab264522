-- append.lua: emits an event by itself, where no other script decides what it reports.
--
-- KEYS[1]  the root of a provider, or of the fleet's own stream, `leeward:{fleet}:` (key map: leeward/wire/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  name
-- ARGV[3]  data, a JSON object
-- ARGV[4]  what makes it the same event as an earlier one; '' where each call is an event
-- ARGV[5]  for how long that is remembered, ms
-- ARGV[6]  request id, ARGV[7] trace of what caused it; '' for none
-- Reply    1; 0 where the same event was emitted before: nothing changed
-- include: leeward/wire/scripts/parts/now.lua
-- include: emit.lua
if ARGV[4] ~= '' and not redis.call('SET', KEYS[1] .. 'emitted:' .. ARGV[4], '1', 'NX', 'PX', ARGV[5]) then
  return 0
end
emit_event(KEYS[1], now_ms(ARGV[1]), ARGV[2], ARGV[3], ARGV[6], ARGV[7])
return 1
