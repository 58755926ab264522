-- status.lua: where a job is.
--
-- KEYS[1]  the provider's root
-- ARGV[1]  now in server ms for tests, ''
-- ARGV[2]  job id
-- Reply    nil when unknown, else: state (ready, scheduled, running, or ended), message or '', since/due/expiry in ms or '', delivery or '',
--          progress JSON or '', outcome JSON or '', now in ms, of a running job that is cancelled 'asked' or 'heard' (cancelled.lua), else ''
-- include: leeward/wire/scripts/parts/now.lua
local root, id = KEYS[1], ARGV[2]
local now = now_ms(ARGV[1])
local message = redis.call('HGET', root .. 'jobs', id)
if not message then
  local outcome = redis.call('GET', root .. 'outcome:' .. id)
  return outcome and { 'ended', '', '', '', '', outcome, now, '' }
end
local delivery = redis.call('HGET', root .. 'deliveries', id) or ''
local progress = redis.call('HGET', root .. 'progress', id) or ''
local expiry = redis.call('ZSCORE', root .. 'leases', id)
if expiry then
  return { 'running', message, expiry, delivery, progress, '', now, redis.call('HGET', root .. 'cancelling', id) or '' }
end
local due = redis.call('ZSCORE', root .. 'scheduled', id)
if due then
  return { 'scheduled', message, due, delivery, progress, '', now, '' }
end
return { 'ready', message, '', delivery, progress, '', now, '' }
