-- batch_add.lua: makes members of a batch known, before they are enqueued. Creates the batch. Repeating it changes nothing.
--
-- KEYS[1]  the root of the provider that keeps the batch
-- ARGV[1]  the batch's id, without its provider
-- ARGV[2]  fingerprint of all its jobs
-- ARGV[3]  the follow-up for when no member is pending any more, as JSON, '' for none
-- ARGV[4]  the follow-up for when all are done, as JSON, '' for none
-- ARGV[5+] members
-- Reply    'known' or 'new', or 'conflict' when its key was used for other jobs; then two per member that has ended: position (from 1), state
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/flow.lua
local root, id, FIRST = KEYS[1], ARGV[1], 5
local key = root .. 'batch:' .. id
local known, reply, added = redis.call('HGET', key, 'fingerprint'), { 'known' }, 0
if known and known ~= ARGV[2] then
  return { 'conflict' }
end
if not known then
  reply[1] = 'new'
  redis.call('HSET', key, 'fingerprint', ARGV[2], 'total', 0, 'pending', 0, 'done', 0, 'dead', 0, 'cancelled', 0, 'began',
    string.format('%.0f', now_ms('')))
  for position, name in ipairs({ 'on_done', 'on_success' }) do
    if ARGV[2 + position] ~= '' then
      redis.call('HSET', key, name, ARGV[2 + position])
    end
  end
end
for at = FIRST, #ARGV do
  if redis.call('HSETNX', key .. ':members', ARGV[at], 'pending') == 1 then
    added = added + 1
  else
    local state = redis.call('HGET', key .. ':members', ARGV[at])
    if state ~= 'pending' then
      reply[#reply + 1] = at - FIRST + 1
      reply[#reply + 1] = state
    end
  end
end
redis.call('HINCRBY', key, 'total', added)
redis.call('HINCRBY', key, 'pending', added)
keep_batch(root, id)
return reply
