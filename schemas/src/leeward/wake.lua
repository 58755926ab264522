-- wake.lua: tells up to n waiting worker processes that a queue has work, the longest waiting first.
-- A process that is gone has no subscriber: the next one is told instead, so a wake-up is never spent on the dead.
local function wake(root, queue, n)
  local waiting = root .. 'waiting:' .. queue
  while n > 0 do
    local process = redis.call('ZPOPMIN', waiting)[1]
    if not process then
      return
    end
    n = n - redis.call('PUBLISH', 'leeward:wake:' .. process, queue)
  end
end
