-- begin.lua: marks durably that a delivery is about to begin an effect which cannot be repeated.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  job id
-- ARGV[2]  token of the delivery
-- Reply    1; or the effect must not begin: 0 when another worker has the lease, 2 when the job is cancelled
-- include: broker/scripts/parts/memory_limit.lua
local root, id, token = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HGET', root .. 'deliveries', id) ~= token or not redis.call('ZSCORE', root .. 'leases', id) then
  return 0
end
if redis.call('HEXISTS', root .. 'cancelling', id) == 1 then
  return 2
end
even_when_full(root)
redis.call('HSET', root .. 'begun', id, token)
return 1
