-- completions.lua: how many of a provider's jobs were done in each hour, so that the share of dead jobs among those that ended is known;
-- and which were done last. Needs ended_jobs.lua.
local DONE_HOURS_KEPT_MS = 8 * 24 * 3600 * 1000

local function count_done(root, now, plainly, endings)
  local done, ids = #plainly, plainly
  for _, delivery in ipairs(endings) do
    if delivery['end'] == 'done' then
      done, ids = done + 1, ids == plainly and { unpack(plainly) } or ids
      ids[done] = delivery.id
    end
  end
  note_ended(root, now, 'done', ids)
  local key = root .. 'done:' .. string.format('%d', math.floor(now / 3600000))
  -- Zero is stored, too: it distinguishes an hour without done jobs from one that an older release did not count.
  if redis.call('INCRBY', key, done) == done then
    redis.call('PEXPIRE', key, DONE_HOURS_KEPT_MS)
  end
end
