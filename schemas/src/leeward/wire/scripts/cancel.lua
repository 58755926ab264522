-- cancel.lua: takes a job that does not run off its queue or schedule. Costs the same however many jobs wait.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  job id
-- ARGV[2]  how long the outcome is kept, ms
-- ARGV[3]  its idempotency key, which becomes free; '' for none, absent where its message has it
-- Reply    'cancelled', 'running' (left alone) or 'unknown'
-- include: leeward/wire/scripts/parts/message_key.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: leeward/wire/scripts/parts/withdrawn.lua
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/ended_jobs.lua
local root, id = KEYS[1], ARGV[1]
local place = redis.call('HGET', root .. 'places', id)
if not place then
  return 'unknown'
end
if redis.call('ZSCORE', root .. 'leases', id) then
  return 'running'
end
local key = ARGV[3] or idempotency_key(redis.call('HGET', root .. 'jobs', id) or '')
if key and key ~= '' then
  redis.call('DEL', root .. 'key:' .. key)
end
for _, hash in ipairs({ 'jobs', 'places', 'deliveries', 'expiries', 'suspects', 'begun', 'progress' }) do
  redis.call('HDEL', root .. hash, id)
end
if redis.call('ZREM', root .. 'scheduled', id) + redis.call('ZREM', root .. 'suspects:' .. queue_of(place), id) == 0 then
  withdraw(root, id, place)
end
redis.call('SET', root .. 'outcome:' .. id, '{"state":"cancelled"}', 'PX', ARGV[2])
note_ended(root, now_ms(''), 'other', { id })
return 'cancelled'
