-- settle.lua: ends deliveries and makes each job's next state durable in the same step.
--
-- Purpose  every delivery is named with its token. One whose lease has gone to somebody else, or was settled before, changes nothing, so a
--          late holder does no harm and a call whose reply was lost can be repeated.
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/keys.py)
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  how long an outcome is kept, ms
-- ARGV[3]  JSON list of the endings that need more than an id and a token: objects with `id`, `token`, `end` and
--          end = done:    result (JSON text or absent), key, key_ms, kept_ms, replay_of
--          end = later:   delay_ms, message                              (a retry or a deferral)
--          end = release: nothing more
--          end = dead:    reason, error (JSON text), message, key, key_ms
--          `message` is a position in the list of messages at the end
-- ARGV[4]  how many plain successes follow
-- ARGV[5+] two per plain success: id, token; then the messages
-- Reply    ids that changed nothing because their lease was lost
-- include: leeward/now.lua
-- include: leeward/wake.lua
-- include: bury.lua
-- include: due.lua
local root, kept_ms = KEYS[1], ARGV[2]
local now = now_ms(ARGV[1])
local plain, late = tonumber(ARGV[4]), {}

local function message_of(delivery)
  return ARGV[4 + 2 * plain + delivery.message]
end

-- True while this delivery holds the job's lease.
local function holds(id, token)
  return redis.call('HGET', root .. 'deliveries', id) == token and redis.call('ZSCORE', root .. 'leases', id)
end

local function succeed_plainly()
  local ids, tokens = {}, {}
  for at = 5, 4 + 2 * plain, 2 do
    ids[#ids + 1] = ARGV[at]
    tokens[#tokens + 1] = ARGV[at + 1]
  end
  if #ids == 0 then
    return
  end
  local deliveries = redis.call('HMGET', root .. 'deliveries', unpack(ids))
  local leases = redis.call('ZMSCORE', root .. 'leases', unpack(ids))
  local done = {}
  for position, id in ipairs(ids) do
    if deliveries[position] == tokens[position] and leases[position] then
      done[#done + 1] = id
      redis.call('SET', root .. 'outcome:' .. id, '{"state":"done"}', 'PX', kept_ms)
    else
      late[#late + 1] = id
    end
  end
  if #done > 0 then
    redis.call('ZREM', root .. 'leases', unpack(done))
    forget(root, done)
  end
end

local ends = {}

function ends.done(delivery)
  local id, result = delivery.id, delivery.result or 'null'
  if delivery.key then
    redis.call('HSET', root .. 'key:' .. delivery.key, 'state', 'done', 'result', result)
    redis.call('PEXPIRE', root .. 'key:' .. delivery.key, delivery.key_ms)
  end
  if delivery.replay_of then
    redis.call('XADD', root .. 'dead', '*', 'kind', 'recovered', 'job', id, 'replay_of', delivery.replay_of, 'at', string.format('%.0f', now))
    tell_drainers(root)
  end
  redis.call('SET', root .. 'outcome:' .. id, '{"state":"done","result":' .. result .. '}', 'PX', delivery.kept_ms)
  forget(root, { id })
end

function ends.later(delivery)
  local id = delivery.id
  local earliest = redis.call('ZRANGE', root .. 'scheduled', 0, 0)[1]
  redis.call('HSET', root .. 'jobs', id, message_of(delivery))
  redis.call('ZADD', root .. 'scheduled', now + delivery.delay_ms, id)
  -- The worker stayed alive to tell, so this is no crash; and the effect's outcome is known.
  redis.call('HDEL', root .. 'expiries', id)
  redis.call('HDEL', root .. 'begun', id)
  if redis.call('ZRANGE', root .. 'scheduled', 0, 0)[1] == id and earliest ~= id then
    wake(root, string.match(redis.call('HGET', root .. 'places', id), '^(.*):'), 1)
  end
end

function ends.release(delivery)
  put_back(root, delivery.id)
end

function ends.dead(delivery)
  local token = redis.call('HGET', root .. 'deliveries', delivery.id)
  bury(root, now, delivery.id, delivery.reason, delivery.error, message_of(delivery), token, kept_ms, delivery.key_ms, delivery.key)
  tell_drainers(root)
end

succeed_plainly()
if ARGV[3] ~= '' then
  for _, delivery in ipairs(cjson.decode(ARGV[3])) do
    if holds(delivery.id, delivery.token) then
      redis.call('ZREM', root .. 'leases', delivery.id)
      ends[delivery['end']](delivery)
    else
      late[#late + 1] = delivery.id
    end
  end
end
return late
