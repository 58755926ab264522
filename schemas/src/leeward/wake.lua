-- wake.lua: tells up to n waiting worker processes that a queue has work, the longest waiting first.
-- A process that is gone has no subscriber: the next one is told instead, so a wake-up is never spent on the dead.
-- Returns how many could not be told, because nobody waits.
-- `list` is 'waiting:' for workers that found the queue empty, the usual case, or 'turned:' for those that a guard turned away.
local function wake(root, queue, n, list)
  local waiting = root .. (list or 'waiting:') .. queue
  while n > 0 do
    local process = redis.call('ZPOPMIN', waiting)[1]
    if not process then
      return n
    end
    -- A user without this channel tells nobody, and has its work done: workers look for themselves after a few seconds.
    local told = redis.pcall('PUBLISH', 'leeward:wake:' .. process, queue)
    if type(told) ~= 'number' then
      return n
    end
    n = n - told
  end
  return n
end
