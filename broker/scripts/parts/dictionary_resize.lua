-- dictionary_resize.lua: keeps the server looking jobs up, where it would walk over them.

-- A hash of few short values (`hash-max-listpack-entries`, 512) is one string to the server, in which finding a field is a walk over half of
-- them: of all jobs that run, for each of them, at every step. One value that is too long for that, and it is a table for good.
local TOO_LONG_FOR_A_LISTPACK = string.rep(' ', 65)

local function keep_hashed(root)
  if redis.call('HSETNX', root .. 'deliveries', '', TOO_LONG_FOR_A_LISTPACK) == 1 then
    redis.call('HSET', root .. 'places', '', TOO_LONG_FOR_A_LISTPACK)
  end
end
