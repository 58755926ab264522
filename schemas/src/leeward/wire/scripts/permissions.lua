-- permissions.lua: which commands the connection's user may not run. Runs none of them and changes nothing.
--
-- KEYS[1]  the provider's root; commands are tried with keys below it
-- ARGV     one JSON list per command: its name and arguments
-- Reply    the positions of those that are refused
-- What is spoken to in a server's place may not know this question; then nothing is known against the user.
if not redis.acl_check_cmd then
  return {}
end
local refused = {}
for position, call in ipairs(ARGV) do
  local known, allowed = pcall(redis.acl_check_cmd, unpack(cjson.decode(call)))
  if not (known and allowed) then
    refused[#refused + 1] = position
  end
end
return refused
