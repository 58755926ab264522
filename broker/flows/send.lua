-- send.lua: adds a follow-up to the provider that it is for, once, however many processes carry it and whenever one of them is killed.
--
-- Purpose  a mark beside the job says that it was sent, until its entry is off the stream and every process that read it before has given up.
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, '' for the server's clock
-- ARGV[2]  where it comes from, `<provider>:<entry>`
-- ARGV[3]  when the process read it, server ms
-- ARGV[4]  how old that may be, ms
-- ARGV[5]  how long the mark is kept while the entry is on the stream, ms
-- ARGV[6+] id, place, delay in ms, message, idempotency key or '', fingerprint, '' as for enqueue.lua
-- Reply    'sent', 'known' (it was sent before), 'stale' (read it again), or 'duplicate' or 'conflict' and the job that has its key
-- include: leeward/wire/scripts/parts/now.lua
-- include seldom: leeward/wire/scripts/parts/clock.lua
-- include: leeward/wire/scripts/parts/wake.lua
-- include: leeward/wire/scripts/parts/lanes.lua
-- include: leeward/wire/scripts/parts/parked.lua
-- include: leeward/wire/scripts/parts/withdrawn.lua
-- include: leeward/wire/scripts/parts/room.lua
-- include: leeward/wire/scripts/parts/taking.lua
local root, now, FIRST = KEYS[1], now_ms(ARGV[1]), 6
local id, place, delay, message = ARGV[FIRST], ARGV[FIRST + 1], tonumber(ARGV[FIRST + 2]), ARGV[FIRST + 3]
local mark, refused = root .. 'sent:' .. ARGV[2], {}
if now - tonumber(ARGV[3]) > tonumber(ARGV[4]) then
  return { 'stale' }
end
if redis.call('EXISTS', mark) == 1 or redis.call('HEXISTS', root .. 'jobs', id) == 1 or redis.call('EXISTS', root .. 'outcome:' .. id) == 1 then
  return { 'known' }
end
-- Its predecessor was accepted, and so is it: whether there is room for it is not asked.
if ARGV[FIRST + 4] ~= '' and not take_key(root, false, refused, 1, FIRST) then
  return { refused[2], refused[3] }
end
redis.call('HSET', root .. 'jobs', id, message)
redis.call('HSET', root .. 'places', id, place)
if delay > 0 then
  follow_clock(root, now)
  redis.call('ZADD', root .. 'scheduled', now + delay, id)
  redis.call('SET', root .. 'clock', as_ms(now))
else
  push(root, place, { id }, 'RPUSH')
end
redis.call('HINCRBY', root .. 'totals', 'enqueued ' .. queue_of(place), 1)
-- One that is to wait is looked at, too: it may be due earlier than what the sleeping workers know.
wake(root, queue_of(place), 1)
redis.call('SET', mark, '1', 'PX', ARGV[5])
return { 'sent' }
