-- apart.lua: says that suspects run apart from now on, or that they do no longer.
--
-- Purpose  only what was received counts: a reply of admit.lua that never arrived says nothing about its jobs.
-- KEYS[1]  the provider's root
-- ARGV[1]  how many run together in a process that runs nothing else; 0 = other jobs may come from now on
-- ARGV[2+] two per job: id, token
-- Reply    how many of them still are this process's suspects
-- include: leeward/wire/scripts/parts/wake.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: broker/scripts/parts/memory_limit.lua
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/flow.lua
-- include: broker/scripts/parts/dead_letter.lua
-- include: leeward/wire/scripts/parts/cancelled.lua
-- include: broker/scripts/parts/due.lua
-- include: broker/scripts/parts/suspects.lua
local root, n = KEYS[1], 0
even_when_full(root)
for at = 2, #ARGV, 2 do
  local id, token = ARGV[at], ARGV[at + 1]
  local suspicion = suspicion_of(root, id)
  if suspicion and redis.call('HGET', root .. 'deliveries', id) == token and redis.call('ZSCORE', root .. 'leases', id) then
    keep_suspicion(root, id, suspicion.company, suspicion.alone, tonumber(ARGV[1]), string.match(token, '^%d+'))
    n = n + 1
  end
end
return n
