-- ended.lua: takes back at once what a process held that is known to have ended.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  the process, `host:pid`
-- ARGV[3]  expired leases in a row that make a crash loop (admit.lua)
-- ARGV[4]  how long the outcome of a dead job is kept, ms
-- ARGV[5]  how long its idempotency key answers where no guards say otherwise, ms
-- ARGV[6]  how many jobs its threads ran, those of other providers included; '' when that is not known
-- ARGV[7+] ids of the jobs that its threads ran
-- Reply    how many leases were taken back; queue and actor of each job that died of a crash loop
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/clock.lua
-- include: leeward/wire/scripts/parts/wake.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: broker/scripts/parts/partition_limit.lua
-- include: broker/guards/limits/config.lua
-- include: broker/guards/circuit/circuit_rule.lua
-- include: broker/guards/circuit/circuit.lua
-- include: broker/scripts/parts/memory_limit.lua
-- include: leeward/wire/scripts/parts/flow.lua
-- include: broker/scripts/parts/dead_letter.lua
-- include: leeward/wire/scripts/parts/cancelled.lua
-- include: broker/scripts/parts/due.lua
-- include: broker/scripts/parts/suspects.lua
local root, worker = KEYS[1], ARGV[2]
local now, config = now_ms(ARGV[1]), guard_config(root)
local limits = { crash_limit = tonumber(ARGV[3]), kept_ms = ARGV[4], key_ms = config and config.key_kept_ms or ARGV[5], buried = {} }
even_when_full(root)
follow_clock(root, now)

local LOOKED_AT = 64
local held, started = {}, nil
local leases = redis.call('ZRANGE', root .. 'leases', 0, -1)
for from = 1, #leases, LOOKED_AT do
  local to = math.min(from + LOOKED_AT - 1, #leases)
  for position, delivery in ipairs(redis.call('HMGET', root .. 'deliveries', unpack(leases, from, to))) do
    if worker_of(delivery) == worker then
      held[#held + 1] = leases[from + position - 1]
    end
  end
end
if ARGV[6] ~= '' then
  started = {}
  for at = 7, #ARGV do
    started[ARGV[at]] = true
  end
end
free_partitions(root, held)
lapse(root, now, held, started, { [worker] = tonumber(ARGV[6]) or #held }, limits)
redis.call('ZREM', root .. 'workers', worker)
if config and #held > 0 then
  tell_refused(root, #held)
end
return { #held, limits.buried }
