-- deliver.lua: makes events jobs of a handler and moves the handler's cursor, in one step.
--
-- Purpose  any number of pumps may run: one whose cursor is no longer the handler's changes nothing. A job that is known already (the server
--          forgot the move of a cursor in a failover) is not added again.
-- KEYS[1]  the root of the provider whose queue the handler's jobs go to (key map: leeward/wire/keys.py)
-- ARGV[1]  handler
-- ARGV[2]  the provider that the events come from
-- ARGV[3]  the cursor that the caller knows, '' for none
-- ARGV[4]  the cursor after these events, `<id> <number>`
-- ARGV[5]  how many events were trimmed before this handler had them
-- ARGV[6]  how many jobs may wait in a lane: more stay in the stream
-- ARGV[7+] three per job: place, id, message
-- Reply    'moved', 'full' (nothing changed) or 'changed' (nothing changed: another pump was first); the handler's cursor, '' for none
-- include: leeward/wire/scripts/parts/wake.lua
-- include: leeward/wire/scripts/parts/lanes.lua
local root, handler, source = KEYS[1], ARGV[1], ARGV[2]
local FIRST, FIELDS = 7, 3
local field = handler .. ' ' .. source
local cursor = redis.call('HGET', root .. 'event_cursors', field) or ''
if cursor ~= ARGV[3] then
  return { 'changed', cursor }
end
if ARGV[FIRST] and redis.call('LLEN', root .. 'ready:' .. ARGV[FIRST]) >= tonumber(ARGV[6]) then
  return { 'full', cursor }
end
for at = FIRST, #ARGV, FIELDS do
  local place, id = ARGV[at], ARGV[at + 1]
  if redis.call('HEXISTS', root .. 'jobs', id) == 0 and redis.call('EXISTS', root .. 'outcome:' .. id) == 0 then
    redis.call('HSET', root .. 'jobs', id, ARGV[at + 2])
    redis.call('HSET', root .. 'places', id, place)
    push(root, place, { id }, 'RPUSH')
    redis.call('HINCRBY', root .. 'totals', 'enqueued ' .. queue_of(place), 1)
    wake(root, queue_of(place), 1)
  end
end
redis.call('HSET', root .. 'event_cursors', field, ARGV[4])
if ARGV[5] ~= '0' then
  redis.call('HINCRBY', root .. 'event_losses', handler, ARGV[5])
end
return { 'moved', ARGV[4] }
