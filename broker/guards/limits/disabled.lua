-- disabled.lua: whether a provider is switched off, as a key of its own: producers ask for it with every job (enqueue.lua).
-- Returns whether the provider was switched off and is not any more.
local function note_disabled(root)
  if redis.call('HGET', root .. 'guards', 'enabled') == '0' then
    redis.call('SET', root .. 'disabled', 1)
    return false
  end
  return redis.call('DEL', root .. 'disabled') == 1
end
