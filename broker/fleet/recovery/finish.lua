-- finish.lua: says how an attempt ended whose outcome was not known at once.
--
-- KEYS[1]  `leeward:{recovery}:` (key map: leeward/wire/process_keys.py)
-- ARGV[1]  id of the attempt
-- ARGV[2]  outcome: recovered | failed
-- ARGV[3]  how long it took, ms
-- ARGV[4]  what came of it, for people
-- Reply    1, or 0 where another process was first
local root, id = KEYS[1], ARGV[1]
for position, text in ipairs(redis.call('LRANGE', root .. 'history', 0, -1)) do
  local attempt = cjson.decode(text)
  if attempt.id == id then
    if redis.call('HGET', root .. 'under_way', attempt.of) ~= id then
      return 0
    end
    redis.call('HDEL', root .. 'under_way', attempt.of)
    attempt.outcome, attempt.took_ms, attempt.detail = ARGV[2], tonumber(ARGV[3]), ARGV[4]
    attempt.last_ms = attempt.at_ms + attempt.took_ms
    redis.call('LSET', root .. 'history', position - 1, cjson.encode(attempt))
    if not attempt.test then
      redis.call('HINCRBY', root .. 'totals', attempt.outcome .. ' ' .. attempt.action, 1)
      redis.call('HINCRBY', root .. 'totals', 'took_ms ' .. attempt.action, math.floor(attempt.took_ms))
    end
    return 1
  end
end
return 0
