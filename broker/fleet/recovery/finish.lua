-- finish.lua: says how an attempt ended whose outcome was not known at once.
--
-- KEYS[1]  `leeward:{recovery}:` (key map: leeward/wire/process_keys.py)
-- ARGV[1]  id of the attempt
-- ARGV[2]  outcome: recovered | failed
-- ARGV[3]  how long it took, ms
-- ARGV[4]  what came of it, for people
-- Reply    1, or 0 where another process was first
local REPEATED_WITHIN = 16

local root, id = KEYS[1], ARGV[1]

-- One that failed as the one before it is counted there, as note.lua does.
local function is_repeated(position, attempt)
  for offset, text in ipairs(redis.call('LRANGE', root .. 'history', position, position + REPEATED_WITHIN - 1)) do
    local before = cjson.decode(text)
    if before.action == attempt.action and before.of == attempt.of then
      if before.outcome ~= 'failed' or before.operation ~= attempt.operation or before.test ~= attempt.test then
        return false
      end
      before.attempts, before.last_ms = before.attempts + 1, attempt.at_ms
      before.took_ms, before.detail = attempt.took_ms, attempt.detail
      redis.call('LSET', root .. 'history', position - 1 + offset, cjson.encode(before))
      return true
    end
  end
  return false
end

for position, text in ipairs(redis.call('LRANGE', root .. 'history', 0, -1)) do
  local attempt = cjson.decode(text)
  if attempt.id == id then
    if redis.call('HGET', root .. 'under_way', attempt.of) ~= id then
      return 0
    end
    redis.call('HDEL', root .. 'under_way', attempt.of)
    attempt.outcome, attempt.took_ms, attempt.detail = ARGV[2], tonumber(ARGV[3]), ARGV[4]
    attempt.last_ms = attempt.at_ms + attempt.took_ms
    if attempt.outcome == 'failed' and is_repeated(position, attempt) then
      redis.call('LREM', root .. 'history', 1, text)
    else
      redis.call('LSET', root .. 'history', position - 1, cjson.encode(attempt))
    end
    if not attempt.test then
      redis.call('HINCRBY', root .. 'totals', attempt.outcome .. ' ' .. attempt.action, 1)
      redis.call('HINCRBY', root .. 'totals', 'took_ms ' .. attempt.action, math.floor(attempt.took_ms))
    end
    return 1
  end
end
return 0
