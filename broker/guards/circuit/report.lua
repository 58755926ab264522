-- report.lua: takes the outcomes of one worker's calls into account. Needs circuit.lua, calls.lua, witnesses.lua, probed.lua.

local function count_calls(root, now, config, worker, tally)
  local key = window_key(root, math.floor(now / 1000))
  redis.call('HINCRBY', key, 'calls', tally.ok + tally.failed)
  redis.call('HINCRBY', key, 'c:' .. worker, tally.ok + tally.failed)
  if tally.failed > 0 then
    redis.call('HINCRBY', key, 'failures', tally.failed)
    redis.call('HINCRBY', key, 'f:' .. worker, tally.failed)
    add_to_counts(root, 'failed_calls', tally.failed)
  end
  if tally.slow > 0 then
    redis.call('HINCRBY', key, 'slow', tally.slow)
    add_to_counts(root, 'slow_calls', tally.slow)
  end
  redis.call('PEXPIRE', key, config.window_ms + KEPT_LONGER_MS)
end

local function count_streak(root, now, circuit, worker, tally)
  if tally.failed > 0 and tally.ok == 0 then
    return lengthen_streak(root, now, circuit, worker, tally.failed)
  end
  if (circuit.streak or 0) + (circuit.held_streak or 0) > 0 then
    redis.call('HSET', root .. 'circuit', 'streak', 0, 'streak_groups', '', 'held_streak', 0)
  end
  circuit.streak, circuit.streak_groups, circuit.held_streak = 0, '', 0
end

--   tally  ok, failed, slow, probes_ok; witnesses, failed_probes, late_probes: ids; last_attempt: attempts of a job that would die of its failure, or nil;
--          at_least_ms: how long a provider is left alone that a probe was not let into
local function report(root, now, circuit, config, worker, tally)
  if tally.ok + tally.failed + #tally.failed_probes + #tally.late_probes == 0 then
    return
  end
  if tally.ok + tally.failed > 0 then
    count_calls(root, now, config, worker, tally)
    count_streak(root, now, circuit, worker, tally)
  end
  if #tally.witnesses > 0 then
    note_witnesses(root, 'witnesses', now, tally.witnesses)
  end
  if tally.ok > 0 and circuit.denied == 1 then
    forget_denials(root, circuit)
  end
  if #tally.late_probes > 0 and circuit.state ~= 'closed' then
    note_late_probes(root, circuit, tally.late_probes)
  end
  if circuit.state == 'half_open' then
    if tally.probes_ok + #tally.failed_probes > 0 then
      judge_probes(root, now, circuit, config, tally)
    end
  elseif circuit.state == 'closed' and (circuit.mode == 'auto' or circuit.mode == 'observe') and tally.failed + tally.slow > 0 then
    judge_closed(root, now, circuit, config, tally.last_attempt)
  end
end
