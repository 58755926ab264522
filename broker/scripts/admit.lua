-- admit.lua: hands jobs of one queue to a worker process.
--
-- Purpose  in one step, on the server's clock: due jobs become ready, expired leases are taken back, jobs are popped by lane and leased.
--          A worker that gets fewer than it requested is recorded as waiting, and woken when there is more (wake.lua).
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/wire/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  queue
-- ARGV[3]  how many jobs at most
-- ARGV[4]  lease, ms
-- ARGV[5]  the worker process, `host:pid`
-- ARGV[6]  expired leases in a row that make a crash loop, where those after the first were of the job alone in its process (suspects.lua)
-- ARGV[7]  how long the outcome of a dead job is kept, ms
-- ARGV[8]  how long its idempotency key answers where no guards say otherwise, ms
-- ARGV[9]  what the process is: '' = at work, 'willing' = at work, and it could run suspects when that is done, 'idle' = it holds nothing,
--          'free' = it holds nothing, and suspects may come first, 'apart' = it holds nothing and takes nothing else until they
--          have ended: it gets suspects only
-- Reply    now in ms; why fewer than asked for ('' | 'empty' | 'paused' | 'disabled' | 'forced_open' | 'held' | 'open' | 'half_open' | 'worker_held' |
--          'full' | 'rate' | 'actor_full' | 'actor_rate' |
--          'partition_full'); look again at in ms, 0 for no known instant; number of leases taken
--          back; about suspects: '' or 'apart' (ask for them now) or 'drain' (finish what you have, then ask for them); for how long
--          those in this reply are to be alone in the process, ms; queue and actor of each job that died of a crash loop; then four per
--          job: id, token, '1' when an earlier delivery began its effect, message
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/clock.lua
-- include: broker/guards/limits/config.lua
-- include: leeward/wire/scripts/parts/wake.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: leeward/wire/scripts/parts/withdrawn.lua
-- include: broker/scripts/parts/partition_limit.lua
-- include: broker/scripts/parts/turns.lua
-- include: broker/scripts/parts/lane_shares.lua
-- include: broker/scripts/parts/take_jobs.lua
-- include: broker/guards/circuit/circuit_rule.lua
-- include: broker/guards/circuit/circuit.lua
-- include: broker/guards/limits/bucket.lua
-- include: broker/guards/limits/actor_limits.lua
-- include: broker/guards/limits/adaptive_rule.lua
-- include: broker/guards/limits/adaptive.lua
-- include: broker/guards/limits/gate.lua
-- include: broker/scripts/parts/server_outage.lua
-- include: broker/scripts/parts/memory_limit.lua
-- include: broker/scripts/parts/dictionary_resize.lua
-- include: leeward/wire/scripts/parts/flow.lua
-- include: broker/scripts/parts/dead_letter.lua
-- include: leeward/wire/scripts/parts/cancelled.lua
-- include: broker/scripts/parts/due.lua
-- include: broker/scripts/parts/suspects.lua
-- include: broker/guards/circuit/probed.lua
local root, queue, worker = KEYS[1], ARGV[2], ARGV[5]
local wanted, lease_ms, crash_limit, kept_ms, key_ms = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[6]), ARGV[7], ARGV[8]
local asks = ARGV[9] or ''
local AT_ONCE = 1000

local config = guard_config(root)
if config then
  key_ms = config.key_kept_ms
end
local limits = { crash_limit = crash_limit, kept_ms = kept_ms, key_ms = key_ms, buried = {} }

local function take_back_expired(now)
  local expired = redis.call('ZRANGEBYSCORE', root .. 'leases', '-inf', now, 'LIMIT', 0, AT_ONCE)
  if #expired > 0 then
    free_partitions(root, expired)
    lapse(root, now, expired, nil, leases_by_worker(root), limits)
  end
  return #expired
end

-- The token of the next delivery: `<n>@<worker>`.
local function next_token(before)
  return (before and tonumber(string.match(before, '^%d+')) or 0) + 1 .. '@' .. worker
end

-- Leases jobs, appends them to the reply and returns their ids.
local function lease(ids, now, reply)
  local messages = redis.call('HMGET', root .. 'jobs', unpack(ids))
  local before = redis.call('HMGET', root .. 'deliveries', unpack(ids))
  local begun = redis.call('EXISTS', root .. 'begun') == 1 and redis.call('HMGET', root .. 'begun', unpack(ids)) or {}
  -- As text: the server would write out a number for every job.
  local until_ms, first = string.format('%.0f', now + lease_ms), next_token(nil)
  local leases, deliveries, leased, size = {}, {}, {}, #reply
  for position, id in ipairs(ids) do
    -- A job without a message was cancelled between two steps of an older release: nothing is there to run.
    if messages[position] then
      local n, token = #leased, before[position] and next_token(before[position]) or first
      leased[n + 1] = id
      leases[2 * n + 1], leases[2 * n + 2] = until_ms, id
      deliveries[2 * n + 1], deliveries[2 * n + 2] = id, token
      reply[size + 1], reply[size + 2], reply[size + 3], reply[size + 4] = id, token, begun[position] and '1' or '', messages[position]
      size = size + 4
    end
  end
  if #leases > 0 then
    keep_hashed(root)
    redis.call('ZADD', root .. 'leases', unpack(leases))
    redis.call('HSET', root .. 'deliveries', unpack(deliveries))
  end
  return leased
end

local function next_instant(now, keys)
  local earliest = 0
  for _, key in ipairs(keys) do
    local score = tonumber(redis.call('ZRANGE', root .. key, 0, 0, 'WITHSCORES')[2])
    if score and (earliest == 0 or score < earliest) then
      earliest = score
    end
  end
  return earliest > 0 and math.max(earliest, now) or 0
end

local now = now_ms(ARGV[1])
even_when_full(root)
follow_clock(root, now)
grace_after_absence(root, now, lease_ms)
local taken_back = take_back_expired(now)
local moved = move_due(root, now, AT_ONCE)
if redis.call('SISMEMBER', root .. 'paused', queue) == 1 then
  return { now, 'paused', next_instant(now, { 'scheduled', 'leases' }), taken_back, '', 0, limits.buried }
end
local circuit
local allowed, why, look_at = wanted, '', 0
if config then
  circuit = circuit_of(root, config)
  redis.call('ZADD', root .. 'workers', now, worker)
  if taken_back > 0 then
    tell_refused(root, taken_back)
  end
  allowed, why, look_at = door(root, now, circuit, config, worker, wanted, queue)
end
local suspects, suspects_at = '', 0
if asks ~= 'apart' and allowed > 0 and redis.call('EXISTS', root .. 'suspects:' .. queue) == 1 then
  suspects, suspects_at = invite(root, now, queue, worker, asks)
end
if suspects ~= '' then
  return { now, 'empty', 0, taken_back, suspects, 0, limits.buried }
end
local ids, taking, others_until = {}, nil, nil
local probing = allowed > 0 and config and circuit.mode == 'auto' and circuit.state == 'half_open'

local function take_some(n)
  local found
  found, taking = take_jobs(root, queue, n, config)
  return found
end

if allowed > 0 and asks == 'apart' then
  ids = take_suspects(root, queue, allowed)
elseif probing then
  ids, others_until = take_probes(root, now, circuit, allowed, take_some)
elseif allowed > 0 then
  ids = take_some(allowed)
end
local reply = { now, why, look_at, taken_back, '', 0, limits.buried }
if #ids > 0 then
  local leased = lease(ids, now, reply)
  if config then
    let_in(root, now, circuit, config, queue, leased)
    if taking or probing or asks == 'apart' then
      note_partitions(root, leased, taking and not probing and taking.partitions or partitions_of(root, leased))
    end
  end
  if asks == 'apart' then
    reply[6] = apart_ms(root, queue, worker, leased)
  end
end
if asks == 'apart' then
  reply[2] = why ~= '' and why or 'empty'
  return reply
end
if others_until then
  -- What is ready here has failed as a probe: others are asked first.
  turn_away(root, now, queue, worker)
  reply[2], reply[3] = 'half_open', others_until
elseif #ids < allowed then
  local again = moved == AT_ONCE or (taking and taking.more)
  reply[2], reply[3] = 'empty', again and now or next_instant(now, { 'scheduled', 'leases' })
  if suspects_at > 0 and (reply[3] == 0 or suspects_at < reply[3]) then
    reply[3] = suspects_at
  end
  if taking and has_parked(root, queue) then
    reply[2] = 'partition_full'
    turn_away(root, now, queue, worker)
  end
  -- Also where a partition is full: there is room for others.
  redis.call('ZADD', root .. 'waiting:' .. queue, now, worker)
elseif allowed < wanted then
  -- Not recorded as waiting: enqueueing while guards refuse must wake no worker. It is woken when the guards change, or at the time they gave.
  turn_away(root, now, queue, worker)
  local expiry = (why == 'full' or why == 'actor_full' or why == 'half_open') and next_instant(now, { 'leases' }) or 0
  if expiry > 0 and (look_at == 0 or expiry < look_at) then
    reply[3] = expiry
  end
else
  redis.call('ZREM', root .. 'waiting:' .. queue, worker)
end
return reply
