-- session_keep.lua: renews open sessions, and returns whether a process waits for one.
--
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/wire/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  for how long they count without a word, ms
-- ARGV[3]  for how long a refused one is known to wait, ms
-- ARGV[4+] ids of sessions
-- Reply    how many wait
-- include: leeward/wire/scripts/parts/now.lua
-- include: broker/scripts/parts/sessions.lua
local root, counts_ms, waits_ms = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local now = now_ms(ARGV[1])
for at = 4, #ARGV do
  count_open(root, now, counts_ms, ARGV[at])
end
forget_silent(root .. 'session_waiters', now, waits_ms)
return redis.call('ZCARD', root .. 'session_waiters')
