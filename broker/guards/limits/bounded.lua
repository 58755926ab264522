-- bounded.lua: whether a producer may be refused, as a key of its own: producers ask for it with every job (enqueue.lua). A limit of waiting
-- jobs is set, or the provider is switched off.
local function note_bounded(root)
  local numbers = redis.call('HMGET', root .. 'guards', 'max_waiting', 'partition_max_waiting', 'enabled')
  if tonumber(numbers[1] or 0) > 0 or tonumber(numbers[2] or 0) > 0 or numbers[3] == '0' then
    redis.call('SET', root .. 'bounded', 1)
  else
    redis.call('DEL', root .. 'bounded')
  end
end
