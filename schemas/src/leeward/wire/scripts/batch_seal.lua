-- batch_seal.lua: says that all members of a batch are enqueued: from now on its follow-ups may be due.
--
-- KEYS[1]  the root of the provider that keeps the batch
-- ARGV[1]  the batch's id, without its provider
-- ARGV[2+] members that were not enqueued, because other jobs have their keys
-- Reply    1, or 0 when there is no such batch
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/flow.lua
local root, id = KEYS[1], ARGV[1]
local key = root .. 'batch:' .. id
if redis.call('EXISTS', key) == 0 then
  return 0
end
for at = 2, #ARGV do
  if redis.call('HGET', key .. ':members', ARGV[at]) == 'pending' then
    redis.call('HDEL', key .. ':members', ARGV[at])
    redis.call('HINCRBY', key, 'total', -1)
    redis.call('HINCRBY', key, 'pending', -1)
  end
end
redis.call('HSET', key, 'sealed', 1)
keep_batch(root, id)
if send_due(root, id) then
  announce_handovers()
end
return 1
