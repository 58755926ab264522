-- probed.lua: a probe that failed is not the next one. Needs circuit.lua, lanes.lua.
-- exports: note_probed, note_late_probes, others_may_probe, take_probes
--
-- `probed`  zset: job -> when it last failed as a probe, since the circuit opened
local PROBED_KEPT_MS = 7 * 86400000
-- Failed probes wait this long for the workers of other queues, which have been woken; they check again every second.
local OTHERS_WAIT_MS = 5000
local OTHERS_LOOK_MS = 1000

-- Notes failed probes. Returns how many different jobs have failed as probes since the circuit half-opened, and whether one of these did so
-- for the second time.
local function note_probed(root, now, circuit, ids)
  local again, since = false, circuit.half_open_at or 0
  for _, before in ipairs(redis.call('ZMSCORE', root .. 'probed', unpack(ids))) do
    again = again or (before and tonumber(before) >= since)
  end
  for _, id in ipairs(ids) do
    redis.call('ZADD', root .. 'probed', now, id)
  end
  redis.call('PEXPIRE', root .. 'probed', PROBED_KEPT_MS)
  return redis.call('ZCOUNT', root .. 'probed', string.format('%.0f', since), '+inf'), again
end

-- Notes probes of an earlier half-open circuit that failed after it had opened again: they are not the next ones, and say no more than that.
local function note_late_probes(root, circuit, ids)
  for _, id in ipairs(ids) do
    redis.call('ZADD', root .. 'probed', (circuit.half_open_at or 1) - 1, id)
  end
  redis.call('PEXPIRE', root .. 'probed', PROBED_KEPT_MS)
end

-- Jobs that are ready, in whatever queue.
local function ready_jobs(root)
  -- A field without a name only fills the hash (dictionary_resize.lua).
  local live = redis.call('HLEN', root .. 'places') - redis.call('HEXISTS', root .. 'places', '')
  return live - redis.call('ZCARD', root .. 'leases') - redis.call('ZCARD', root .. 'scheduled')
end

-- Whether another job may still say how the provider is: one that probes it now, or one that is ready to.
local function others_may_probe(root)
  return redis.call('ZCARD', root .. 'probes') > 0 or ready_jobs(root) > 0
end

local function ready_after_a_failed_probe(root)
  local n = 0
  for _, id in ipairs(redis.call('ZRANGE', root .. 'probed', 0, -1)) do
    if redis.call('HEXISTS', root .. 'places', id) == 1 and not redis.call('ZSCORE', root .. 'leases', id)
      and not redis.call('ZSCORE', root .. 'scheduled', id) then
      n = n + 1
    end
  end
  return n
end

-- Whether jobs that have not failed as probes are probing, or are about to: those of other queues have had no time to come.
local function others_come_first(root, now, circuit)
  if redis.call('ZCARD', root .. 'probes') > 0 then
    return true
  end
  local latest = tonumber(redis.call('ZRANGE', root .. 'probed', -1, -1, 'WITHSCORES')[2] or 0)
  return now < math.max(latest, circuit.half_open_at or 0) + OTHERS_WAIT_MS and ready_jobs(root) > ready_after_a_failed_probe(root)
end

-- Takes up to n probes with `take(n)`: jobs that have not failed as one, and only where there is no other job, one that has.
-- Returns their ids and, where failed ones were left where they are, when to look again.
local function take_probes(root, now, circuit, n, take)
  if redis.call('EXISTS', root .. 'probed') == 0 then
    return take(n)
  end
  local fresh, failed = {}, {}
  -- All of them from one call, which knows how many of each partition it has taken.
  while #fresh == 0 do
    local ids = take(n)
    if #ids == 0 then
      break
    end
    for position, before in ipairs(redis.call('ZMSCORE', root .. 'probed', unpack(ids))) do
      table.insert(before and failed or fresh, ids[position])
    end
  end
  if #fresh == 0 and #failed > 0 and not others_come_first(root, now, circuit) then
    fresh[1] = table.remove(failed, 1)
  end
  for _, id in ipairs(failed) do
    push(root, redis.call('HGET', root .. 'places', id), { id }, 'RPUSH')
  end
  return fresh, #failed > 0 and now + OTHERS_LOOK_MS or nil
end
