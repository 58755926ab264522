-- evidence.lua: what ended deliveries show about their provider. Needs circuit.lua, actor_limits.lua.
--
-- `own` is job -> its actor's own numbers; `endings` are those of settle.lua.

local function ids_of(endings)
  local ids = {}
  for position, delivery in ipairs(endings) do
    ids[position] = delivery.id
  end
  return ids
end

local function note_own_numbers(root, config, own, endings)
  if not has_own(config) then
    return
  end
  for id, numbers in pairs(own_numbers(root, config, ids_of(endings))) do
    own[id] = numbers
  end
end

-- Whether the circuit listens to a job's calls.
local function tells(own, id)
  return not (own[id] and own[id].observe == 1)
end

-- Whether a delivery was refused in a way that may concern all jobs of the provider.
local function is_denial(config, delivery)
  return config.hold == 1 and delivery['end'] == 'hold' and delivery.probe
end

-- Which of them were probes: see `end_probes`.
local function probes_among(root, circuit, plainly, endings)
  if circuit.state == 'closed' then
    return {}
  end
  local ids = ids_of(endings)
  for _, id in ipairs(plainly) do
    ids[#ids + 1] = id
  end
  return end_probes(root, circuit, ids)
end

local function tally_one(tally, config, delivery, slow_ms, probed)
  if delivery.call == 'ok' then
    tally.ok = tally.ok + 1
    tally.slow = tally.slow + ((delivery.ms or 0) >= slow_ms and 1 or 0)
    tally.probes_ok = tally.probes_ok + (probed and 1 or 0)
  elseif delivery.call == 'failed' then
    tally.failed = tally.failed + 1
    table.insert(tally.witnesses, delivery.id)
    tally.last_attempt = delivery['end'] == 'dead' and delivery.attempts or tally.last_attempt
  end
  local denied = is_denial(config, delivery)
  if probed and (denied or delivery.call == 'failed') then
    table.insert(tally.failed_probes, delivery.id)
    tally.at_least_ms = math.max(denied and delivery.delay_ms or 0, tally.at_least_ms or 0)
  elseif probed == false and (denied or delivery.call == 'failed') then
    table.insert(tally.late_probes, delivery.id)
  end
end

-- How many of these quick successes count, and how many of those were probes.
local function tally_plainly(own, plainly, probes)
  if not next(own) and not next(probes) then
    return #plainly, 0
  end
  local ok, probes_ok = 0, 0
  for _, id in ipairs(plainly) do
    if tells(own, id) then
      ok = ok + 1
      probes_ok = probes_ok + (probes[id] and 1 or 0)
    end
  end
  return ok, probes_ok
end

-- For `report`. `plainly` are ids of quick successes; each of the endings learns whether it was a probe.
local function tally_of(root, circuit, config, own, plainly, endings)
  local probes = probes_among(root, circuit, plainly, endings)
  local tally = { failed = 0, slow = 0, witnesses = {}, failed_probes = {}, late_probes = {} }
  tally.ok, tally.probes_ok = tally_plainly(own, plainly, probes)
  for _, delivery in ipairs(endings) do
    delivery.was_probe = probes[delivery.id] ~= nil
    if tells(own, delivery.id) then
      tally_one(tally, config, delivery, own[delivery.id] and own[delivery.id].slow_ms or config.slow_ms, probes[delivery.id])
    end
  end
  return tally
end

local function any_failed(endings)
  for _, delivery in ipairs(endings) do
    if delivery.call == 'failed' then
      return true
    end
  end
  return false
end
