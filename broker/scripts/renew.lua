-- renew.lua: says that jobs are still running, and how far they are.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, ''
-- ARGV[2]  lease, ms
-- ARGV[3+] three per job: id, token, progress JSON or '' for no news
-- Reply    ids whose lease another worker has; ids of jobs that are cancelled
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/clock.lua
-- include: broker/scripts/parts/server_outage.lua
-- include: broker/scripts/parts/memory_limit.lua
local root = KEYS[1]
local now = now_ms(ARGV[1])
local lost, cancelled = {}, {}
even_when_full(root)
follow_clock(root, now)
grace_after_absence(root, now, tonumber(ARGV[2]))
local cancelling = redis.call('EXISTS', root .. 'cancelling') == 1
for at = 3, #ARGV, 3 do
  local id, token, progress = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if redis.call('HGET', root .. 'deliveries', id) == token and redis.call('ZSCORE', root .. 'leases', id) then
    redis.call('ZADD', root .. 'leases', now + tonumber(ARGV[2]), id)
    if progress ~= '' then
      redis.call('HSET', root .. 'progress', id, progress)
    end
    if cancelling and redis.call('HEXISTS', root .. 'cancelling', id) == 1 then
      cancelled[#cancelled + 1] = id
    end
  else
    lost[#lost + 1] = id
  end
end
return { lost, cancelled }
