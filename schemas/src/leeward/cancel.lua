-- cancel.lua: takes a job that does not run off its queue or schedule.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  job id
-- ARGV[2]  how long the outcome is kept, ms
-- ARGV[3]  its idempotency key or '', which becomes free
-- Reply    'cancelled', 'running' (left alone) or 'unknown'
-- include: lanes.lua
local root, id = KEYS[1], ARGV[1]
local place = redis.call('HGET', root .. 'places', id)
if not place then
  return 'unknown'
end
if redis.call('ZSCORE', root .. 'leases', id) then
  return 'running'
end
if ARGV[3] ~= '' then
  redis.call('DEL', root .. 'key:' .. ARGV[3])
end
redis.call('LREM', root .. 'ready:' .. place, 1, id)
leave_turns(root, place)
redis.call('ZREM', root .. 'scheduled', id)
redis.call('ZREM', root .. 'suspects:' .. queue_of(place), id)
for _, hash in ipairs({ 'jobs', 'places', 'deliveries', 'expiries', 'suspects', 'begun', 'progress' }) do
  redis.call('HDEL', root .. hash, id)
end
redis.call('SET', root .. 'outcome:' .. id, '{"state":"cancelled"}', 'PX', ARGV[2])
return 'cancelled'
