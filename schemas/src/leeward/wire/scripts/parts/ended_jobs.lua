-- ended_jobs.lua: the jobs that ended last, so that they can be listed while their outcomes are kept.
--
-- `ended:done`, `ended:other`  list: ids, the latest first, and before those of one step `@<server ms>`; so many entries. Those that are not
--                              done have a list of their own, which a fast queue does not push them out of.
local ENDED_KEPT = 2000

local function note_ended(root, now, list, ids)
  if #ids == 0 then
    return
  end
  local key = root .. 'ended:' .. list
  redis.call('LPUSH', key, unpack(ids))
  redis.call('LPUSH', key, '@' .. string.format('%.0f', now))
  redis.call('LTRIM', key, 0, ENDED_KEPT - 1)
end
