-- memory_limit.lua: lets jobs move and end on a server at its memory limit, or nothing would ever make room there.
-- The server refuses the first write of a script when it could take memory, and no write after one that cannot: taking nothing away is such a
-- write. (The flag `allow-oom` would say the same, but its first line is no Lua.)
local function even_when_full(root)
  redis.call('HDEL', root .. 'jobs', '')
end
