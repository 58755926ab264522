-- nudge.lua: passes a wake-up on. A worker that was woken for a job and has no free thread wakes the next one.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  queue
-- include: leeward/wire/scripts/parts/wake.lua
local not_woken = wake(KEYS[1], ARGV[1], 1)
-- It may have been woken for a permit, which is for workers that a guard refused.
wake(KEYS[1], ARGV[1], not_woken, 'turned:')
return redis.status_reply('OK')
