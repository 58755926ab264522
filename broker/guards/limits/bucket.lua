-- bucket.lua: a token bucket, of a provider (`bucket`) or of a queue (`bucket:<queue>`). Needs circuit_rule.lua.
--
-- `numbers` hold rate and burst; a rate of 0 is none.

-- Tokens are fractions: without it the next one would come a millisecond late.
local ROUNDING = 1e-6

local function tokens(key, now, numbers)
  local bucket = redis.call('HMGET', key, 'tokens', 'at')
  return refilled(tonumber(bucket[1]) or numbers.burst, tonumber(bucket[2]) or now, now, numbers)
end

local function spend(key, now, numbers, n)
  if numbers.rate > 0 and n > 0 then
    local left = math.max(0, tokens(key, now, numbers) - n)
    redis.call('HSET', key, 'tokens', string.format('%.9f', left), 'at', string.format('%.0f', now))
  end
end

-- How many of n may start, and at which instant one more could; nil when there is a token for each.
local function short_of_tokens(key, now, numbers, n)
  if numbers.rate <= 0 or n == 0 then
    return nil
  end
  local held = tokens(key, now, numbers)
  local whole = math.floor(held + ROUNDING)
  if whole < n then
    return whole, now + math.ceil((whole + 1 - held) * 1000 / numbers.rate - ROUNDING)
  end
end
