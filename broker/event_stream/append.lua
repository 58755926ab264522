-- append.lua: emits an event by itself, where no other script decides what it reports.
--
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/wire/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  name
-- ARGV[3]  data, a JSON object
-- Reply    nothing
-- include: leeward/wire/scripts/parts/now.lua
-- include: emit.lua
emit_event(KEYS[1], now_ms(ARGV[1]), ARGV[2], ARGV[3])
