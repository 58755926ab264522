-- session_open.lua: lets one more session with a provider be opened, unless the fleet has as many open as its limit allows.
--
-- Purpose  jobs are counted by their leases; a session may outlive its job by some seconds, so sessions are counted on their own.
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/wire/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  the session's id
-- ARGV[3]  for how long it counts without a word, ms
-- ARGV[4]  for how long a refused one is known to wait, ms
-- Reply    1 when it may be opened, 0 when not
-- include: leeward/wire/scripts/parts/now.lua
-- include: broker/guards/limits/config.lua
-- include: broker/scripts/parts/sessions.lua
local root, id, counts_ms, waits_ms = KEYS[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local now = now_ms(ARGV[1])
local config = guard_config(root)
local limit = config and config.limit or 0
forget_silent(root .. 'sessions', now, counts_ms)
if limit > 0 and redis.call('ZCARD', root .. 'sessions') >= limit then
  redis.call('ZADD', root .. 'session_waiters', now + waits_ms, id)
  redis.call('PEXPIRE', root .. 'session_waiters', waits_ms)
  return 0
end
redis.call('ZREM', root .. 'session_waiters', id)
count_open(root, now, counts_ms, id)
return 1
