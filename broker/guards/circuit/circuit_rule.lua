-- circuit_rule.lua: when a circuit opens and for how long, how much goes through afterwards, how fast a bucket fills. Pure: numbers in, a verdict out; no key, no clock.

local function count(set)
  local n = 0
  for _ in pairs(set) do
    n = n + 1
  end
  return n
end

-- Whose failure it is: 'sick' and the group, where only one group fails and others do not; otherwise 'open', the provider's.
local function blame(suspects, live, sick)
  local others_live = false
  for group in pairs(live) do
    others_live = others_live or not (suspects[group] or sick[group])
  end
  if count(suspects) == 1 and others_live then
    return 'sick', (next(suspects))
  end
  return 'open'
end

-- What a window of calls says.
--   window   calls, failures, slow; by_group: group -> { calls, failures }; jobs: how many different ones failed
--   streak   failures in a row, over any time; groups, jobs: from how many they came
--   live     group -> true for every group of workers that is there; sick: group -> true for those held back
--   config   min_calls, failure_rate, slow_rate, streak
-- Failures of a single job are no evidence, however many: they may be its own.
-- Returns nothing, or 'open' with the cause, or 'sick' with the cause and the group that alone fails.
local function verdict(window, streak, live, sick, config)
  local cause, suspects
  if window.calls >= config.min_calls and window.failures >= config.failure_rate * window.calls and window.jobs > 1 then
    cause = string.format('%d of %d calls failed', window.failures, window.calls)
    suspects = {}
    for group, seen in pairs(window.by_group) do
      if seen.failures > 0 and seen.failures >= config.failure_rate * seen.calls then
        suspects[group] = true
      end
    end
  elseif streak.failures >= config.streak and streak.jobs > 1 then
    cause = string.format('%d calls in a row failed', streak.failures)
    suspects = streak.groups
  elseif window.calls >= config.min_calls and window.slow >= config.slow_rate * window.calls and window.slow > 0 then
    return 'open', string.format('%d of %d calls were slow', window.slow, window.calls)
  else
    return nil
  end
  local what, group = blame(suspects, live, sick)
  if group then
    return what, cause, group
  end
  return what, cause
end

-- How long a circuit stays open the n-th time in a row: doubling, capped, and spread by `chance` in [0, 1) so that fleets do not march in step.
local function open_ms(n, chance, config)
  local base = math.min(config.open_max_ms, config.open_ms * 2 ^ math.min(n - 1, 30))
  return math.floor(base * (0.9 + 0.2 * chance))
end

-- How many jobs may run at once `elapsed` ms after a circuit closed: from the number of probes to `full`, in a straight line.
local function ramp_limit(elapsed, full, config)
  if elapsed >= config.ramp_ms then
    return full
  end
  return math.min(full, math.max(config.probes, math.ceil(full * elapsed / config.ramp_ms)))
end

-- Tokens in a bucket that held `tokens` at `since`.
local function refilled(tokens, since, now, config)
  return math.min(config.burst, tokens + math.max(0, now - since) * config.rate / 1000)
end
