-- nudge.lua: passes a wake-up on. A worker that was told of a job and has no thread free for it tells the next one.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  queue
-- include: leeward/wake.lua
local untold = wake(KEYS[1], ARGV[1], 1)
-- It may have been told of a permit, which is for those whom a guard turned away.
wake(KEYS[1], ARGV[1], untold, 'turned:')
return redis.status_reply('OK')
