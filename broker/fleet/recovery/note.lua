-- note.lua: keeps one attempt of a recovery action, and counts it.
--
-- KEYS[1]  `leeward:{recovery}:` (key map: leeward/wire/process_keys.py)
-- ARGV[1]  the attempt, a JSON object: id, action, of, operation, outcome, at_ms, took_ms, attempts, last_ms, by, detail, test
-- Reply    nothing
local HISTORY_KEPT = 1000
-- An outage of hours must not push everything else out of the history.
local REPEATED_WITHIN = 16

local root, attempt = KEYS[1], cjson.decode(ARGV[1])

local function same_failure(other)
  return other.outcome == 'failed' and other.action == attempt.action and other.of == attempt.of
    and other.operation == attempt.operation and other.test == attempt.test
end

local function is_repeated()
  for position, text in ipairs(redis.call('LRANGE', root .. 'history', 0, REPEATED_WITHIN - 1)) do
    local before = cjson.decode(text)
    if before.action == attempt.action and before.of == attempt.of then
      if not same_failure(before) then
        return false
      end
      attempt.id, attempt.at_ms, attempt.attempts = before.id, before.at_ms, before.attempts + 1
      redis.call('LSET', root .. 'history', position - 1, cjson.encode(attempt))
      return true
    end
  end
  return false
end

if attempt.outcome ~= 'failed' or not is_repeated() then
  redis.call('LPUSH', root .. 'history', ARGV[1])
  redis.call('LTRIM', root .. 'history', 0, HISTORY_KEPT - 1)
end
if attempt.outcome == 'under_way' then
  redis.call('HSET', root .. 'under_way', attempt.of, attempt.id)
elseif not attempt.test then
  redis.call('HINCRBY', root .. 'totals', attempt.outcome .. ' ' .. attempt.action, 1)
  redis.call('HINCRBY', root .. 'totals', 'took_ms ' .. attempt.action, math.floor(attempt.took_ms))
end
