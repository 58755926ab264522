-- bounded.lua: whether a limit of waiting jobs is set, as a key of its own: producers ask for it with every job (enqueue.lua).
local function note_bounded(root)
  local most = redis.call('HMGET', root .. 'guards', 'max_waiting', 'partition_max_waiting')
  if tonumber(most[1] or 0) > 0 or tonumber(most[2] or 0) > 0 then
    redis.call('SET', root .. 'bounded', 1)
  else
    redis.call('DEL', root .. 'bounded')
  end
end
