-- adaptive_rule.lua: how many calls at once a provider can take, derived from their latency. Pure: numbers in, numbers out; no key, no clock.
-- exports: is_enough, within, adapted, news
-- The band in which nothing changes is TCP Vegas's (Brakmo and Peterson, 1995); the gradient and the square root by which it grows are of
-- Gradient2 in Netflix's concurrency-limits. Why it differs from both: docs/adr/0006-adaptive-limit.md.

-- So much of a call's time may be a wait in its worker, which holds what it will finish within it (HORIZON in broker/session/prefetch.py).
local SHORTEST_MS = 20
local SAMPLE_MS, SAMPLE_CALLS = 1000, 20
local SHRINK = 0.5
local FAILED_SHARE, USUAL_AT_MOST, FORGET = 0.2, 0.5, 0.1
-- How fast the baseline follows a sample below it, and one above it that is no reason to worry.
local DOWN, UP = 0.3, 0.02
local LOOK_AFTER, LOOK_BELOW = 30, 1.5
local TELL_MS = 60000

-- Whether a sample says enough.
--   sample  ok, failed: calls that began and ended in it; took_ms: of the ok ones together; peak: the most permits in use
local function is_enough(sample, elapsed_ms)
  local twice_the_latency = sample.ok > 0 and 2 * sample.took_ms / sample.ok or 0
  return sample.ok + sample.failed >= SAMPLE_CALLS and elapsed_ms >= math.max(SAMPLE_MS, twice_the_latency)
end

-- A limit between the floor, where it begins, and the ceiling.
local function within(limit, config)
  return math.min(config.limit, math.max(config.floor, limit))
end

local function with(state, changes)
  local new = {}
  for name, value in pairs(state) do
    new[name] = value
  end
  for name, value in pairs(changes) do
    new[name] = value
  end
  return new
end

-- From what was in use where that was less: a limit that was not reached says nothing about the provider.
local function shrunk(state, sample, factor, config, cause)
  local from = math.min(state.limit, math.max(1, sample.peak))
  return with(state, { limit = within(from * math.max(SHRINK, factor), config), rising = 0, cause = cause })
end

local function grown(state, sample, ms, config)
  local baseline = state.baseline + (ms < state.baseline and DOWN or UP) * (ms - state.baseline)
  if sample.peak < math.floor(state.limit) then
    return with(state, { baseline = baseline, cause = 'not all permits were in use' })
  end
  local by = state.rising == 1 and state.limit or math.sqrt(state.limit)
  local cause = string.format('all permits were in use; calls took %.0f ms, baseline %.0f ms', ms, state.baseline)
  return with(state, { limit = within(state.limit + by, config), baseline = baseline, cause = cause })
end

-- In the band. Held there for long it looks for one sample how long calls take with fewer at once. In the band they take `tolerance` times
-- the baseline at most; if that is a queue of our making they now take two thirds of it at most, and it comes down. If not, it goes up.
local function held(state, sample, ms, since, config)
  local cause = string.format('calls took %.0f ms, baseline %.0f ms', ms, state.baseline)
  local long = since + (sample.peak >= math.floor(state.limit) and 1 or 0)
  if long < LOOK_AFTER then
    return with(state, { rising = 0, held = long, cause = cause })
  end
  local fewer = within(state.limit / config.tolerance / LOOK_BELOW, config)
  return with(state, { limit = fewer, resume = state.limit, rising = 0, cause = 'a test of how long calls take with fewer at once' })
end

local function judged_by_latency(state, sample, ms, since, config)
  local unhurried = math.max(state.baseline, SHORTEST_MS)
  local middle = (1 + config.tolerance) / 2 * unhurried
  if ms > config.tolerance * unhurried then
    local cause = string.format('calls took %.0f ms, more than %g times the baseline of %.0f ms', ms, config.tolerance, unhurried)
    return shrunk(state, sample, middle / ms, config, cause)
  elseif ms >= middle then
    return held(state, sample, ms, since, config)
  end
  return grown(state, sample, ms, config)
end

-- Failures beyond the usual share: too many at once, until at the floor they turn out not to come from that.
local function judged_by_failures(state, sample, share, config)
  local cause = string.format('%d of %d calls failed', sample.failed, sample.ok + sample.failed)
  if math.floor(state.limit) > config.floor then
    return shrunk(state, sample, SHRINK, config, cause)
  end
  return with(state, { usual = math.min(USUAL_AT_MOST, share), cause = cause .. ' even at the floor' })
end

-- What a sample makes of the limit.
--   state   limit, a fraction; baseline: ms of calls without a queue, 0 when unknown; usual: the share of calls that fails anyway; rising: 1
--           while the limit doubles; held: samples in the band; resume: the limit to go back to after a test, 0 for none
--   config  limit (the ceiling), floor, tolerance
-- Returns the new state, with the cause.
local function adapted(state, sample, config)
  local new = with(state, { limit = within(state.limit, config), held = 0, resume = 0 })
  local share = sample.failed / (sample.ok + sample.failed)
  if share > state.usual + FAILED_SHARE then
    return judged_by_failures(new, sample, share, config)
  end
  new.usual = state.usual + FORGET * math.min(0, share - state.usual)
  if sample.ok == 0 then
    return new
  end
  local ms = sample.took_ms / sample.ok
  if state.resume > 0 then
    local cause = string.format('with fewer at once calls took %.0f ms', ms)
    return with(new, { limit = within(state.resume, config), baseline = ms, cause = cause })
  end
  if math.floor(new.limit) <= config.floor then
    -- At the floor no queue is of our making: so long do calls take.
    new.baseline, new.rising = ms, 1
  end
  return judged_by_latency(new, sample, ms, state.held, config)
end

-- What of it is worth an event: that the limit fell to half of its highest since the last one, at most once a minute, and that it is back
-- at the ceiling afterwards. Returns 'limit_halved', 'limit_restored' or nothing; then the highest, whether a fall was reported, and when.
local function news(state, limit, now, config)
  local highest = math.max(state.mark, limit)
  if limit >= config.limit then
    return state.fallen == 1 and 'limit_restored' or nil, limit, 0, state.told
  elseif limit <= highest / 2 and math.abs(now - state.told) >= TELL_MS then
    return 'limit_halved', limit, 1, now
  end
  return nil, highest, state.fallen, state.told
end
