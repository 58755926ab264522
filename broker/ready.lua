-- ready.lua: how many jobs of a queue are ready, by lane, partitions included.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  queue
-- Reply    the numbers of interactive, normal and bulk
-- include: leeward/lanes.lua
local lengths = {}
for position, lane in ipairs({ 'interactive', 'normal', 'bulk' }) do
  lengths[position] = lane_length(KEYS[1], ARGV[1] .. ':' .. lane)
end
return lengths
