-- config.lua: a provider's guards as declared by the workers and changed by operators. nil when nobody declared any.
local function guard_config(root)
  local flat = redis.call('HGETALL', root .. 'guards')
  if #flat == 0 then
    return nil
  end
  local config = {}
  for at = 1, #flat, 2 do
    config[flat[at]] = tonumber(flat[at + 1]) or flat[at + 1]
  end
  return config
end
