-- nudge.lua: passes a wake-up on. A worker that was told of a job and has no thread free for it tells the next one.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  queue
-- include: leeward/wake.lua
wake(KEYS[1], ARGV[1], 1)
return redis.status_reply('OK')
