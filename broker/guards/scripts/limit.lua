-- limit.lua: how many jobs of a provider may run at once now.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, ''
-- Reply    the limit in force, 0 for none; why it is that, '' where it is as configured
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/wake.lua
-- include: broker/guards/limits/config.lua
-- include: broker/guards/circuit/circuit_rule.lua
-- include: broker/guards/circuit/circuit.lua
-- include: broker/guards/limits/adaptive_rule.lua
-- include: broker/guards/limits/adaptive.lua
-- include: broker/guards/limits/gate.lua
local root = KEYS[1]
local config = guard_config(root)
if not config then
  return { 0, '' }
end
local limit, why = limit_in_force(root, now_ms(ARGV[1]), circuit_of(root, config), config)
return { limit or 0, why }
