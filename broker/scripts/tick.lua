-- tick.lua: a tick of a periodic actor, sent once however many schedulers send it, and waiting once however many were missed.
--
-- Purpose  `ticks` knows the latest instant of each actor that was sent, and the job that it became. An instant that is not later adds
--          nothing. While that job still waits for a worker it takes over the new instant: it runs once for all of them.
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/wire/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  actor
-- ARGV[3]  the tick's instant, server ms
-- ARGV[4]  the job that the caller knows as the actor's latest, '' for none (last_tick.lua)
-- ARGV[5]  the message under that job's id, '' for none
-- ARGV[6]  place of a new job
-- ARGV[7]  id of a new job
-- ARGV[8]  the message under that id
-- Reply    'added', 'merged' (into the job that waits), 'known' (another scheduler sent it), or 'changed': ask for the latest tick again
-- include: leeward/wire/scripts/parts/wake.lua
-- include: leeward/wire/scripts/parts/lanes.lua
local root, actor, instant = KEYS[1], ARGV[2], tonumber(ARGV[3])
local at, id = string.match(redis.call('HGET', root .. 'ticks', actor) or '', '^(%d+) (.*)$')
if at and instant <= tonumber(at) then
  return 'known'
end
if (id or '') ~= ARGV[4] then
  return 'changed'
end
if ARGV[4] ~= '' and redis.call('HEXISTS', root .. 'jobs', id) == 1 and not redis.call('ZSCORE', root .. 'leases', id) then
  redis.call('HSET', root .. 'jobs', id, ARGV[5])
  redis.call('HSET', root .. 'ticks', actor, ARGV[3] .. ' ' .. id)
  redis.call('HSET', root .. 'ticks_sent', actor, ARGV[3])
  return 'merged'
end
local place, new = ARGV[6], ARGV[7]
redis.call('HSET', root .. 'jobs', new, ARGV[8])
redis.call('HSET', root .. 'places', new, place)
push(root, place, { new }, 'RPUSH')
redis.call('HINCRBY', root .. 'totals', 'enqueued ' .. queue_of(place), 1)
redis.call('HSET', root .. 'ticks', actor, ARGV[3] .. ' ' .. new)
redis.call('HSET', root .. 'ticks_sent', actor, ARGV[3])
wake(root, queue_of(place), 1)
return 'added'
