-- read.lua: the events of a provider that come after a handler's cursor.
--
-- Purpose  a cursor is the id of the latest event that was delivered and its number, counted since the stream began. The number shows how many
--          events were trimmed before the handler had them. A stream that began again, or lost its end in a failover, is counted again.
-- KEYS[1]  the provider's root, `leeward:{provider}:` (key map: leeward/wire/keys.py)
-- ARGV[1]  the cursor's id
-- ARGV[2]  the cursor's number, '' where it is not known yet
-- ARGV[3]  how many events at most
-- Reply    how many were trimmed before the cursor came to them; the number of the cursor, those included; a list of events: id, fields
local stream, after, number = KEYS[1] .. 'event_stream', ARGV[1], tonumber(ARGV[2])
if redis.call('EXISTS', stream) == 0 then
  return { 0, 0, {} }
end
local info, flat = {}, redis.call('XINFO', 'STREAM', stream)
for at = 1, #flat, 2 do
  info[flat[at]] = flat[at + 1]
end
local added, trimmed = info['entries-added'], info['entries-added'] - info['length']
if not number or number > added then
  number = added - #redis.call('XRANGE', stream, '(' .. after, '+')
end
local lost = math.max(0, trimmed - number)
return { lost, number + lost, redis.call('XRANGE', stream, '(' .. after, '+', 'COUNT', ARGV[3]) }
