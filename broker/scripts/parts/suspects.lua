-- suspects.lua: finds out which of the jobs that ran in a process has stopped it. Needs dead_letter.lua, due.lua, lanes.lua, wake.lua,
-- cancelled.lua.
-- exports: suspicion_of, keep_suspicion, put_apart, clear_suspicion, worker_of, leases_by_worker, lapse, take_suspects, apart_ms, invite
--
-- A lease that expires makes a job a suspect, no more. Suspects wait apart from the lanes and are delivered to a process that holds nothing
-- else, several together: half as many as there were when the last process stopped. A suspect that ends, in whatever way its worker
-- reports, is none any more. So after a few deliveries a job that stops its processes is alone in one, and only such a job is dead.
--
-- `suspects`          hash: id -> `<company>:<alone>:<together>:<n>`: how many may run together next; how many times its worker stopped while
--                     it was alone; how many run apart together, in delivery n (0: it does not run apart)
-- `suspects:<queue>`  zset: id -> since when it waits to run apart, server ms
-- `apart`             string: the busy process that was chosen to finish its jobs and then to run suspects; expires

-- A process that is busy is chosen only when none that is idle has come for so long.
local IDLE_FIRST_MS = 1000
local CHOSEN_MS = 30000
-- Where no process becomes free for so long, a suspect runs among other jobs: it must not wait for ever.
local LONGEST_APART_MS = 120000
-- For how long a process is kept free of other jobs: doubled with each expiry, so that a job that stops its process late is found out, too.
local FIRST_APART_MS, LAST_APART_MS = 60000, 86400000
local LOOKED_AT = 64

local function suspicion_of(root, id)
  local company, alone, together, n = string.match(redis.call('HGET', root .. 'suspects', id) or '', '^(%d+):(%d+):(%d+):(%d+)$')
  return company and { company = tonumber(company), alone = tonumber(alone), together = tonumber(together), n = n }
end

local function keep_suspicion(root, id, company, alone, together, n)
  redis.call('HSET', root .. 'suspects', id, string.format('%d:%d:%d:%s', company, alone, together, n))
end

-- Puts a suspect where suspects wait. False for a job that is none.
local function put_apart(root, now, id)
  local suspicion, place = suspicion_of(root, id), redis.call('HGET', root .. 'places', id)
  if not suspicion or not place then
    return false
  end
  keep_suspicion(root, id, suspicion.company, suspicion.alone, 0, 0)
  redis.call('ZADD', root .. 'suspects:' .. queue_of(place), now, id)
  wake(root, queue_of(place), 1)
  return true
end

local function clear_suspicion(root, id)
  redis.call('HDEL', root .. 'expiries', id)
  redis.call('HDEL', root .. 'suspects', id)
end

local function worker_of(delivery)
  return string.match(delivery or '', '@(.*)$') or 'unknown'
end

-- How many leases each worker holds.
local function leases_by_worker(root)
  local ids, count = redis.call('ZRANGE', root .. 'leases', 0, -1), {}
  for from = 1, #ids, LOOKED_AT do
    for _, delivery in ipairs(redis.call('HMGET', root .. 'deliveries', unpack(ids, from, math.min(from + LOOKED_AT - 1, #ids)))) do
      local worker = worker_of(delivery)
      count[worker] = (count[worker] or 0) + 1
    end
  end
  return count
end

local function actor_of(message)
  local readable, decoded = pcall(cjson.decode, message)
  local actor = readable and type(decoded) == 'table' and decoded.actor_name
  return type(actor) == 'string' and actor or ''
end

local function bury_crash_loop(root, now, id, delivery, expiries, alone, limits)
  local what = { type = 'CrashLoop', message = string.format(
    '%d workers in a row stopped while they had this job, %d of them while it was alone in its process; the last was %s', expiries, alone,
    worker_of(delivery)) }
  local actor = actor_of(redis.call('HGET', root .. 'jobs', id) or '')
  local queue = queue_of(redis.call('HGET', root .. 'places', id))
  what.effect = redis.call('HEXISTS', root .. 'begun', id) == 1 and 'open' or 'none'
  if bury(root, now, id, 'crash_loop', cjson.encode(what), nil, delivery, limits.kept_ms, limits.key_ms) then
    announce_handovers()
  end
  redis.call('HINCRBY', root .. 'counts', 'crash_loops', 1)
  table.insert(limits.buried, queue)
  table.insert(limits.buried, actor)
end

local function suspect(root, now, id, expiries, company, alone)
  keep_suspicion(root, id, math.max(1, math.ceil(company / 2)), alone, 0, 0)
  redis.call('HINCRBY', root .. 'counts', 'suspects', expiries == 1 and 1 or 0)
  if not put_apart(root, now, id) then
    redis.call('HDEL', root .. 'suspects', id)
  end
end

-- One delivery has ended without a word. `together` is how many jobs its process ran or held.
local function lapse_one(root, now, id, delivery, was_started, together, limits)
  if is_cancelled(root, id) then
    if end_cancelled(root, now, id, redis.call('HGET', root .. 'jobs', id) or '', limits.kept_ms) then
      announce_handovers()
    end
    return
  end
  local expiries, suspicion = redis.call('HINCRBY', root .. 'expiries', id, 1), suspicion_of(root, id)
  local apart = suspicion and suspicion.together > 0 and suspicion.n == string.match(delivery or '', '^%d+') and suspicion.together or 0
  local alone = (suspicion and suspicion.alone or 0) + (apart == 1 and 1 or 0)
  if alone >= math.max(1, limits.crash_limit - 1) then
    return bury_crash_loop(root, now, id, delivery, expiries, alone, limits)
  end
  if apart == 0 and not was_started and expiries < limits.crash_limit then
    -- Nothing suggests that it is the cause; but when this repeats, it becomes a suspect, too.
    return suspicion and put_apart(root, now, id) or put_back(root, id)
  end
  -- Those that had ended before their process stopped are not among those that may have stopped it.
  local company = apart > 0 and math.min(apart, together) or together
  suspect(root, now, id, expiries, suspicion and math.min(suspicion.company * (apart > 0 and 1 or 2), company) or company, alone)
end

-- Ends deliveries whose workers have stopped, or went silent.
--   ids       backwards, so that the longest leased is the next to run
--   started   id -> true for those that a thread had begun with; nil where that is not known
--   together  worker -> how many jobs it ran
--   limits    crash_limit, kept_ms, key_ms; `buried` gets queue and actor of each job that died
local function lapse(root, now, ids, started, together, limits)
  for position = #ids, 1, -1 do
    local id = ids[position]
    local delivery = redis.call('HGET', root .. 'deliveries', id)
    redis.call('ZREM', root .. 'leases', id)
    redis.call('ZREM', root .. 'probes', id)
    redis.call('HDEL', root .. 'admitted', id)
    lapse_one(root, now, id, delivery, not started or started[id], together[worker_of(delivery)] or 1, limits)
  end
  if #limits.buried > 0 then
    tell_drainers(root)
  end
end

-- Takes suspects that may run together off the queue, the longest waiting first. Returns their ids.
local function take_suspects(root, queue, n)
  local waiting, ids, most = root .. 'suspects:' .. queue, {}, n
  for _, id in ipairs(redis.call('ZRANGE', waiting, 0, LOOKED_AT - 1)) do
    local suspicion = suspicion_of(root, id)
    local company = suspicion and suspicion.company or 1
    if #ids < math.min(most, company) then
      ids[#ids + 1], most = id, math.min(most, company)
      redis.call('ZREM', waiting, id)
    end
  end
  return ids
end

-- For how long a process is to run nothing but these, ms. Says that there are more to be run elsewhere.
local function apart_ms(root, queue, worker, ids)
  local most = 1
  for _, expiries in ipairs(#ids > 0 and redis.call('HMGET', root .. 'expiries', unpack(ids)) or {}) do
    most = math.max(most, tonumber(expiries or 1))
  end
  if redis.call('GET', root .. 'apart') == worker then
    redis.call('DEL', root .. 'apart')
  end
  if redis.call('EXISTS', root .. 'suspects:' .. queue) == 1 then
    wake(root, queue, 1)
  end
  return math.min(FIRST_APART_MS * 2 ^ (most - 1), LAST_APART_MS)
end

local function has_ready(root, queue)
  for _, lane in ipairs({ 'interactive', 'normal', 'bulk' }) do
    if redis.call('EXISTS', root .. 'ready:' .. queue .. ':' .. lane, root .. 'turns:' .. queue .. ':' .. lane) > 0 then
      return true
    end
  end
  return false
end

-- What a process is to do about suspects that wait: 'apart' = ask for them now, 'drain' = finish what it has and then ask for them, or ''.
-- `asks` says what the process is: see admit.lua. Also returns when to look again, 0 for no known instant.
local function invite(root, now, queue, worker, asks)
  local waiting = root .. 'suspects:' .. queue
  local since = tonumber(redis.call('ZRANGE', waiting, 0, 0, 'WITHSCORES')[2])
  if not since then
    return '', 0
  end
  if since > now then
    -- The server's clock went back: what waits has waited until now.
    for _, id in ipairs(redis.call('ZRANGE', waiting, 0, LOOKED_AT - 1)) do
      redis.call('ZADD', waiting, now - IDLE_FIRST_MS, id)
    end
    since = now - IDLE_FIRST_MS
  end
  local waited = now - since
  if (asks == 'free' and waited >= IDLE_FIRST_MS) or ((asks == 'free' or asks == 'idle') and not has_ready(root, queue)) then
    return 'apart', 0
  end
  if waited >= LONGEST_APART_MS then
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', waiting, '-inf', now - LONGEST_APART_MS, 'LIMIT', 0, LOOKED_AT)) do
      redis.call('ZREM', waiting, id)
      put_back(root, id)
    end
  elseif asks == 'willing' and waited >= IDLE_FIRST_MS and redis.call('SET', root .. 'apart', worker, 'NX', 'PX', CHOSEN_MS) then
    return 'drain', 0
  end
  return '', waited < IDLE_FIRST_MS and since + IDLE_FIRST_MS or 0
end
