-- heard.lua: the worker of running jobs says that it knows they are cancelled.
--
-- KEYS[1]  the provider's root
-- ARGV     two per job: id, token
-- Reply    ids of those that are cancelled and whose lease it has
local root, cancelled = KEYS[1], {}
for at = 1, #ARGV, 2 do
  local id = ARGV[at]
  if redis.call('HEXISTS', root .. 'cancelling', id) == 1 and redis.call('HGET', root .. 'deliveries', id) == ARGV[at + 1] then
    redis.call('HSET', root .. 'cancelling', id, 'heard')
    cancelled[#cancelled + 1] = id
  end
end
return cancelled
