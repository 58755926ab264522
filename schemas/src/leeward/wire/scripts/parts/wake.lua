-- wake.lua: wakes up to n waiting worker processes because a queue has work, the longest waiting first.
-- A dead process has no subscriber: the next one is woken instead, so that no wake-up is lost.
-- Returns how many could not be woken, because no process waits.
-- `list` is 'waiting:' for workers that found the queue empty, the usual case, or 'turned:' for those that a guard refused.
local function wake(root, queue, n, list)
  local waiting = root .. (list or 'waiting:') .. queue
  while n > 0 do
    local process = redis.call('ZPOPMIN', waiting)[1]
    if not process then
      return n
    end
    -- A user without this channel wakes no worker, but its jobs still run: workers poll after a few seconds.
    local woken = redis.pcall('PUBLISH', 'leeward:wake:' .. process, queue)
    if type(woken) ~= 'number' then
      return n
    end
    n = n - woken
  end
  return n
end
