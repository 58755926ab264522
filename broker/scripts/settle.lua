-- settle.lua: ends deliveries and makes each job's next state durable in the same step.
--
-- Purpose  every delivery is named with its token. One whose lease another worker has, or that was settled before, changes nothing, so a
--          late holder does no harm and a call whose reply was lost can be repeated.
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/wire/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  how long an outcome is kept, ms
-- ARGV[3]  JSON list of the endings that need more than an id and a token: objects with `id`, `token`, `end` and
--          end = done:    facts, result (JSON text or absent), key, key_ms, kept_ms, replay_of, events: objects with name, data (JSON text), request_id,
--                         traceparent; flow: batch, member, send: follow-ups as JSON text
--          end = later:   delay_ms, message, place where that is new     (a retry or a deferral)
--          end = hold:    delay_ms, cause, probe (whether a probe is to find out that it is over), message
--          end = release: nothing more
--          end = dead:    reason, error (JSON text), message, key, key_ms, events as for done
--          end = cancelled: key or '', message; so ends also what would go back to its lane or schedule and was cancelled meanwhile
--          key_ms = how long the key answers where no guards say otherwise
--          `message` is a position in the list of messages at the end
-- ARGV[4]  how many plain successes follow
-- ARGV[5+] three per plain success: id, token, facts; then the messages
--          facts: members of a JSON object that are kept in the outcome (outcome.lua)
--          Each may say what its call shows about the provider: call = 'ok' or 'failed', ms = how long it took, outage = true when a failure
--          is to spend no attempt should the circuit be open, attempts = how many a job had that would die of it
-- Reply    ids that changed nothing because their lease was lost; then 1, the number, where a health probe should be sent now, and 2 where
--          something is to be carried on (flow.lua)
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/clock.lua
-- include: broker/guards/limits/config.lua
-- include: leeward/wire/scripts/parts/wake.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: broker/scripts/parts/partition_limit.lua
-- include: leeward/wire/scripts/parts/flow.lua
-- include: broker/scripts/parts/dead_letter.lua
-- include: leeward/wire/scripts/parts/cancelled.lua
-- include: broker/scripts/parts/memory_limit.lua
-- include: broker/scripts/parts/due.lua
-- include: broker/scripts/parts/suspects.lua
-- include: broker/guards/circuit/circuit_rule.lua
-- include: broker/guards/circuit/circuit.lua
-- include: broker/guards/circuit/witnesses.lua
-- include: broker/guards/circuit/last_attempts.lua
-- include: broker/guards/circuit/probed.lua
-- include: broker/guards/circuit/calls.lua
-- include: broker/guards/circuit/report.lua
-- include: broker/guards/limits/bucket.lua
-- include: broker/guards/limits/actor_limits.lua
-- include: broker/guards/circuit/evidence.lua
-- include: broker/guards/limits/adaptive_rule.lua
-- include: broker/guards/limits/adaptive.lua
-- include: broker/scripts/parts/completions.lua
local root, kept_ms = KEYS[1], ARGV[2]
local now = now_ms(ARGV[1])
local plain, late = tonumber(ARGV[4]), {}
even_when_full(root)
if ARGV[3] ~= '' then
  -- Plain successes write no instant.
  follow_clock(root, now)
end
local config = guard_config(root)
local circuit = config and circuit_of(root, config)
-- Job -> its actor's own numbers.
local own = {}

local has_partitions = redis.call('EXISTS', root .. 'partition_leases') == 1

local function message_of(delivery)
  return ARGV[4 + 3 * plain + delivery.message]
end

-- True while this delivery holds the job's lease.
local function holds(id, token)
  return redis.call('HGET', root .. 'deliveries', id) == token and redis.call('ZSCORE', root .. 'leases', id)
end

local function succeed_plainly()
  local ids, tokens = {}, {}
  for at = 5, 4 + 3 * plain, 3 do
    ids[#ids + 1] = ARGV[at]
    tokens[#tokens + 1] = ARGV[at + 1]
  end
  if #ids == 0 then
    return {}
  end
  local deliveries = redis.call('HMGET', root .. 'deliveries', unpack(ids))
  local leases = redis.call('ZMSCORE', root .. 'leases', unpack(ids))
  local done, outcome = {}, root .. 'outcome:'
  for position, id in ipairs(ids) do
    if deliveries[position] == tokens[position] and leases[position] then
      done[#done + 1] = id
      redis.call('SET', outcome .. id, '{"state":"done","token":"' .. tokens[position] .. '",' .. ARGV[4 + 3 * position] .. '}', 'PX', kept_ms)
    else
      late[#late + 1] = id
    end
  end
  if #done > 0 then
    own = config and has_own(config) and own_numbers(root, config, done) or own
    if has_partitions then
      free_partitions(root, done)
    end
    redis.call('ZREM', root .. 'leases', unpack(done))
    forget(root, done)
  end
  return done
end

-- Whether a failure that may be the provider's is.
local outage = false
local handed = false
local ends = {}

local function is_outages(delivery)
  return delivery.outage and outage and delivery.id ~= circuit.own_fault
end

local function key_ms_of(delivery)
  return config and config.key_kept_ms or delivery.key_ms
end

-- The provider failed, not the job: it waits in its lane as it was before this delivery, and no attempt is spent. A failed probe goes to the
-- end of its lane, so that the next probe is another job.
local function wait_for_provider(delivery)
  clear_suspicion(root, delivery.id)
  redis.call('HDEL', root .. 'begun', delivery.id)
  put_back(root, delivery.id, delivery.was_probe)
  add_to_counts(root, 'attempts_saved', 1)
end

local function emit_events(delivery)
  for _, event in ipairs(delivery.events or {}) do
    emit_event(root, now, event.name, event.data, event.request_id, event.traceparent)
  end
end

function ends.done(delivery)
  local id, result = delivery.id, delivery.result or 'null'
  if delivery.key then
    redis.call('HSET', root .. 'key:' .. delivery.key, 'state', 'done', 'result', result)
    redis.call('PEXPIRE', root .. 'key:' .. delivery.key, key_ms_of(delivery))
  end
  if delivery.replay_of then
    redis.call('XADD', root .. 'dead', '*', 'kind', 'recovered', 'job', id, 'replay_of', delivery.replay_of, 'at', string.format('%.0f', now))
    tell_drainers(root)
  end
  emit_events(delivery)
  local beginning = '{"state":"done","token":' .. cjson.encode(delivery.token) .. (delivery.facts and ',' .. delivery.facts or '')
  redis.call('SET', root .. 'outcome:' .. id, beginning .. ',"result":' .. result .. '}', 'PX', delivery.kept_ms)
  forget(root, { id })
  if delivery.flow then
    handed = note_end(root, delivery.flow, 'done') or handed
  end
end

function ends.later(delivery)
  local id = delivery.id
  if is_outages(delivery) then
    return wait_for_provider(delivery)
  end
  local earliest = redis.call('ZRANGE', root .. 'scheduled', 0, 0)[1]
  redis.call('HSET', root .. 'jobs', id, message_of(delivery))
  if delivery.place then
    redis.call('HSET', root .. 'places', id, delivery.place)
  end
  redis.call('ZADD', root .. 'scheduled', now + delivery.delay_ms, id)
  -- The worker is alive to report it, so this is not a crash; and the effect's outcome is known.
  clear_suspicion(root, id)
  redis.call('HDEL', root .. 'begun', id)
  if redis.call('ZRANGE', root .. 'scheduled', 0, 0)[1] == id and earliest ~= id then
    wake(root, queue_of(redis.call('HGET', root .. 'places', id)), 1)
  end
end

-- A refusal that may concern all jobs counts as this job's alone until another one meets it, or a health probe does: the job waits alone.
local function is_denied_alone(delivery)
  if circuit.mode ~= 'auto' or circuit.state ~= 'closed' then
    return delivery.id == circuit.own_fault
  end
  if deny(root, now, circuit, delivery.id, delivery.cause) then
    open(root, now, circuit, config, delivery.cause, 'fleet', delivery.delay_ms)
    return false
  end
  circuit.look = true
  return true
end

function ends.hold(delivery)
  if not config or config.hold == 0 or circuit.mode == 'observe' or circuit.mode == 'forced_closed' or not tells(own, delivery.id) then
    return ends.later(delivery)
  end
  if delivery.probe and is_denied_alone(delivery) then
    return ends.later(delivery)
  end
  redis.call('HSET', root .. 'jobs', delivery.id, message_of(delivery))
  if not delivery.probe then
    hold(root, now, circuit, now + delivery.delay_ms, delivery.cause)
  end
  wait_for_provider(delivery)
end

function ends.release(delivery)
  -- It was not tried, or not to its end: a suspect stays one.
  if not put_apart(root, now, delivery.id) then
    put_back(root, delivery.id)
  end
end

-- Whether it failed as an outage's first job would: see last_attempts.lua.
local function is_last_attempt(delivery)
  return delivery.outage and config and delivery.reason == 'exhausted' and tells(own, delivery.id)
    and may_be_the_first(root, circuit, config, delivery.attempts or 1) and not has_waited(root, delivery.id)
end

function ends.dead(delivery)
  if is_outages(delivery) and (delivery.reason == 'exhausted' or delivery.reason == 'expired') then
    return wait_for_provider(delivery)
  end
  if is_last_attempt(delivery) then
    await_look(root, now, delivery.id)
    circuit.look = 'now'
    return
  end
  local token = redis.call('HGET', root .. 'deliveries', delivery.id)
  handed = bury(root, now, delivery.id, delivery.reason, delivery.error, message_of(delivery), token, kept_ms, key_ms_of(delivery),
    delivery.key) or handed
  emit_events(delivery)
  tell_drainers(root)
end

function ends.cancelled(delivery)
  local message = delivery.message and message_of(delivery) or redis.call('HGET', root .. 'jobs', delivery.id)
  handed = end_cancelled(root, now, delivery.id, message or '', kept_ms, delivery.key) or handed
end

-- Which of the endings come from the delivery that holds its job's lease.
local function held_endings()
  local held = {}
  for _, delivery in ipairs(ARGV[3] ~= '' and cjson.decode(ARGV[3]) or {}) do
    if holds(delivery.id, delivery.token) then
      held[#held + 1] = delivery
    else
      late[#late + 1] = delivery.id
    end
  end
  return held
end

-- What the adaptive limit learns from these deliveries. Returns by how much it grew.
local function measured(plainly, endings)
  local ids, fates = { unpack(plainly) }, {}
  for position in ipairs(ids) do
    fates[position] = 'ok'
  end
  for _, delivery in ipairs(endings) do
    ids[#ids + 1] = delivery.id
    fates[#ids] = delivery.call or false
  end
  return #ids > 0 and measure(root, now, circuit, config, ids, fates) or 0
end

local plainly = succeed_plainly()
local endings = held_endings()
if has_partitions then
  free_partitions(root, ids_of(endings))
end
local grown = 0
if config then
  note_own_numbers(root, config, own, endings)
  local tally = tally_of(root, circuit, config, own, plainly, endings)
  local worker = string.match(plain > 0 and ARGV[6] or (endings[1] or {}).token or '', '@(.*)$') or ''
  report(root, now, circuit, config, worker, tally)
  outage = any_failed(endings) and is_outage(root, now, circuit, worker)
  grown = is_adaptive(config) and measured(plainly, endings) or 0
end
if #plainly + #endings > 0 then
  count_done(root, now, plainly, endings)
end
for _, delivery in ipairs(endings) do
  -- The lease last: a script that fails half-way must not leave a job in no state.
  local what = delivery['end']
  if what ~= 'done' and what ~= 'dead' and is_cancelled(root, delivery.id) then
    what = 'cancelled'
  end
  ends[what](delivery)
  redis.call('ZREM', root .. 'leases', delivery.id)
end
local counted = config and (config.limit > 0 or partition_limit(config) or limits_actors(config) or circuit.state == 'half_open')
if counted and #plainly + #endings > 0 and circuit.state ~= 'open' then
  tell_refused(root, #plainly + #endings + grown)
end
if config and circuit.look and wants_look(root, now, circuit) then
  late[#late + 1] = 1
end
if handed then
  late[#late + 1] = 2
end
return late
