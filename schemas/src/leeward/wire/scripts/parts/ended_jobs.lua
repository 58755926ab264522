-- ended_jobs.lua: the jobs that ended last, so that they can be listed while their outcomes are kept.
--
-- `ended:done`, `ended:other`  list: ids, the latest first, and behind those of one step `@<server ms>`. What did not end as done has a list
--                              of its own, which a fast queue does not push it out of.
local ENDED_KEPT, ENDED_TRIMMED_AT, ENDED_KEPT_MS = 2000, 2500, 86400000

local function note_ended(root, now, list, ids)
  if #ids == 0 then
    return
  end
  local key = root .. 'ended:' .. list
  if redis.call('LPUSH', key, '@' .. string.format('%.0f', now), unpack(ids)) > ENDED_TRIMMED_AT then
    redis.call('LTRIM', key, 0, ENDED_KEPT - 1)
  end
  redis.call('PEXPIRE', key, ENDED_KEPT_MS)
end
