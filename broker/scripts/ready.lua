-- ready.lua: how many jobs of a provider's queues are ready, by lane, partitions included. Costs the same however many there are.
--
-- KEYS[1]  the provider's root
-- ARGV[1+] all queues of the provider
-- Reply    the numbers of interactive, normal and bulk of each queue
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: leeward/wire/scripts/parts/withdrawn.lua
-- include: broker/scripts/parts/lane_length.lua
local root = KEYS[1]
local lengths, counted, sure, in_counted = {}, {}, 0, 0
for _, queue in ipairs(ARGV) do
  sure = sure + redis.call('ZCARD', root .. 'suspects:' .. queue)
  for _, lane in ipairs({ 'interactive', 'normal', 'bulk' }) do
    local own, partitioned, exact = lane_length(root, queue .. ':' .. lane)
    lengths[#lengths + 1] = own + partitioned
    sure = sure + own + (exact and partitioned or 0)
    if not exact then
      counted[#counted + 1] = { at = #lengths, lane = queue .. ':' .. lane, own = own, n = partitioned }
      in_counted = in_counted + partitioned
    end
  end
end

-- An older release does not count what it moves. All that is live, and neither scheduled nor running
-- nor a suspect, is ready: the counts are set to that.
local function set_counts_right()
  local left = math.max(0, redis.call('HLEN', root .. 'jobs') - redis.call('ZCARD', root .. 'scheduled') - redis.call('ZCARD', root .. 'leases') - sure)
  if left == in_counted then
    return
  end
  local scale, rest = left / math.max(1, in_counted), left
  for position, one in ipairs(counted) do
    local n = position == #counted and rest or math.min(rest, math.floor(one.n * scale))
    rest = rest - n
    lengths[one.at] = one.own + n
    redis.call('HSET', root .. 'partitioned', one.lane, n)
  end
end

if #counted > 0 then
  set_counts_right()
end
return lengths
