-- config.lua: a provider's guards as declared by the workers and changed by operators. nil when none were declared.
-- A field `limit@sync.media` is an actor's own number, by the queue where its jobs wait (actor_config.py).
local function guard_config(root)
  local flat = redis.call('HGETALL', root .. 'guards')
  if #flat == 0 then
    return nil
  end
  -- The defaults of GuardConfig, for undeclared settings: an operator may be first, and this release may know more settings than the workers'.
  local config = { limit = 0, rate = 0, burst = 1, adaptive = 0, floor = 1, tolerance = 2, share = 0.75, hold = 1, observe = 0, window_ms = 10000,
    min_calls = 10, failure_rate = 0.5, slow_rate = 0.8, slow_ms = 10000, streak = 5, probes = 2, successes = 3, open_ms = 30000,
    open_max_ms = 600000, ramp_ms = 30000, key_kept_ms = 86400000, partition_limit = 0.5, lane_share = 0.1,
    max_waiting = 0, partition_max_waiting = 0, enabled = 1 }
  config.own = {}
  for at = 1, #flat, 2 do
    local field, value = flat[at], tonumber(flat[at + 1]) or flat[at + 1]
    -- Most fields are the provider's, which are all known here: one look-up each.
    local sign = config[field] == nil and string.find(field, '@', 1, true)
    if sign then
      local queue = string.sub(field, sign + 1)
      config.own[queue] = config.own[queue] or { limit = 0, rate = 0, burst = 1, observe = 0 }
      config.own[queue][string.sub(field, 1, sign - 1)] = value
    else
      config[field] = value
    end
  end
  return config
end

local function is_adaptive(config)
  return config.adaptive == 1 and config.limit > 0
end

-- Whether any actor of the provider has numbers of its own.
local function has_own(config)
  return next(config.own) ~= nil
end

-- Whether any of them is a limit.
local function limits_actors(config)
  for _, own in pairs(config.own) do
    if own.limit > 0 then
      return true
    end
  end
  return false
end

-- How many jobs of a partition may run at once; nil for any number. Below 1 it is a part of the provider's limit, rounded up.
local function partition_limit(config)
  local own = config and config.partition_limit or 0
  if own > 0 and own < 1 then
    -- A tenth of 30 is 3, not the 4 that 3.0000000000000004 would be.
    own = math.ceil(own * config.limit - 1e-9)
  end
  return own > 0 and own or nil
end
