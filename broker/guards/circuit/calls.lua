-- calls.lua: what calls say about their provider, and what follows. Needs circuit.lua, circuit_rule.lua, witnesses.lua, probed.lua.
-- exports: lengthen_streak, judge_closed, judge_probes, is_outage, may_be_the_first, wants_look

local function window_of(root, now, config, group_of)
  local window = { calls = 0, failures = 0, slow = 0, by_group = {} }
  local second = math.floor(now / 1000)
  for at = second - math.ceil(config.window_ms / 1000) + 1, second do
    local flat = redis.call('HGETALL', window_key(root, at))
    for field = 1, #flat, 2 do
      local name, value = flat[field], tonumber(flat[field + 1])
      local kind, worker = string.match(name, '^([cf]):(.*)$')
      if kind then
        local group = group_of(worker)
        local seen = window.by_group[group] or { calls = 0, failures = 0 }
        window.by_group[group] = seen
        seen[kind == 'c' and 'calls' or 'failures'] = seen[kind == 'c' and 'calls' or 'failures'] + value
      else
        window[name] = window[name] + value
      end
    end
  end
  return window
end

-- So many different jobs are evidence against a provider.
local WITNESSES = 2
-- When a job alone failed so often in a row, the provider should be probed.
local SUSPICIOUS = 2

local function lengthen_streak(root, now, circuit, worker, failed)
  if (circuit.streak or 0) == 0 then
    circuit.streak_at = now
  end
  circuit.streak = (circuit.streak or 0) + failed
  if not names(circuit.streak_groups)[worker] then
    circuit.streak_groups = (circuit.streak_groups or '') .. worker .. ' '
  end
  redis.call('HSET', root .. 'circuit', 'streak', circuit.streak, 'streak_groups', circuit.streak_groups, 'streak_at',
    string.format('%.0f', circuit.streak_at or now))
end

-- How many failures in a row are evidence. A job that is about to die of an outage is enough of it when nothing has succeeded since its first
-- attempt.
local function streak_limit(config, attempts)
  return math.min(config.streak, math.max(SUSPICIOUS, attempts or config.streak))
end

local function judge_closed(root, now, circuit, config, last_attempt)
  local group_of, live = grouping(root, now)
  local sick, streak_groups = sick_groups(root, now), {}
  for worker in pairs(names(circuit.streak_groups)) do
    streak_groups[group_of(worker)] = true
  end
  local window = window_of(root, now, config, group_of)
  window.jobs = witnesses_since(root, now - config.window_ms)
  local streak = { failures = circuit.streak or 0, groups = streak_groups, jobs = witnesses_since(root, circuit.streak_at or now) }
  local what, cause, group = verdict(window, streak, live, sick, { min_calls = config.min_calls, failure_rate = config.failure_rate,
    slow_rate = config.slow_rate, streak = streak_limit(config, last_attempt) })
  if what == 'open' and circuit.mode == 'observe' then
    if (circuit.observed_at or 0) + config.open_ms < now then
      redis.call('HSET', root .. 'circuit', 'observed_at', string.format('%.0f', now))
      note(root, now, 'would_open', cause, 'fleet')
    end
  elseif what == 'open' then
    open(root, now, circuit, config, cause, 'fleet')
  elseif what == 'sick' and circuit.mode == 'auto' then
    hold_group(root, now, circuit, config, group, cause)
    -- From another host it shows whether the provider is the cause.
    circuit.look = true
  elseif not what and circuit.mode == 'auto' and streak.failures >= SUSPICIOUS and streak.jobs == 1 then
    -- One job fails again and again, and no other has called.
    circuit.look = true
  end
end

local function count_probes(root, circuit, config, tally)
  if tally.probes_ok > 0 then
    circuit.probes_ok = (circuit.probes_ok or 0) + tally.probes_ok
    redis.call('HSET', root .. 'circuit', 'probes_ok', circuit.probes_ok)
  end
  return (circuit.probes_ok or 0) >= config.successes
end

-- Why it opens again. A refusal of what is configured stays in the words that operators see: they alone can end it.
local function cause_again(circuit, failed)
  local cause = failed > 1 and failed .. ' probes failed' or 'a probe failed'
  return circuit.denied == 1 and circuit.denied_cause and cause .. ': ' .. circuit.denied_cause or cause
end

-- One failed probe may be that job's own failure: it opens the circuit again only where a second one fails, or where no other job is there to
-- be probed. Alone, and after a health probe that found the provider healthy, it is the cause itself: `circuit.own_fault` is then its id.
local function judge_probes(root, now, circuit, config, tally)
  local failed, again = 0, false
  if #tally.failed_probes > 0 then
    failed, again = note_probed(root, now, circuit, tally.failed_probes)
  end
  local enough = count_probes(root, circuit, config, tally)
  local alone = #tally.failed_probes > 0 and failed < WITNESSES and (again or not others_may_probe(root))
  if #tally.failed_probes > 0 and (failed >= WITNESSES or (alone and not enough and circuit.vouched ~= 1)) then
    open(root, now, circuit, config, cause_again(circuit, failed), 'fleet', tally.at_least_ms)
    -- Those who wait heard of no instant while it was half-open: one of them learns the new one and looks again exactly then.
    tell_refused(root, 1)
  elseif enough then
    close(root, now, circuit, config, circuit.probes_ok .. ' probes succeeded', 'fleet')
  else
    circuit.own_fault = alone and tally.failed_probes[1] or nil
    if failed > 0 then
      redis.call('HSET', root .. 'circuit', 'probes_failed', failed)
    end
    tell_refused(root, config.probes)
  end
end

-- Whether a worker's failures are the provider's or its host's and not the jobs': then they spend no attempt.
local function is_outage(root, now, circuit, worker)
  if circuit.mode == 'forced_open' then
    return true
  end
  return circuit.mode == 'auto' and (circuit.state ~= 'closed' or held_back(root, now, worker) ~= nil)
end

-- Whether a job that is about to die of its failure may be the only one to have met an outage: it alone has failed since the last success, or
-- workers were held back for what failed.
local function may_be_the_first(root, circuit, config, attempts)
  local held, streak = circuit.held_streak or 0, circuit.streak or 0
  return circuit.mode == 'auto' and circuit.state == 'closed' and attempts >= SUSPICIOUS and held + streak >= streak_limit(config, attempts)
    and (held > 0 or witnesses_since(root, circuit.streak_at or 0) == 1)
end

local LOOKS_APART_MS = 5000

-- `circuit.look` was set. Whether a health probe should be sent now, and not only at the next minute: every few seconds at most, but for a job that
-- waits for it, which each does once.
local function wants_look(root, now, circuit)
  if circuit.look ~= 'now' and now - (circuit.look_at or 0) < LOOKS_APART_MS then
    return false
  end
  redis.call('HSET', root .. 'circuit', 'look_at', string.format('%.0f', now))
  return true
end
