-- taking.lua: whether a new job may take its idempotency key and its room. Needs room.lua.
-- exports: has_room, take_key
--
-- `at` is where the job's arguments begin (enqueue.lua); what is refused goes to the reply.

local function refuse(root, refused, position, verdict, ...)
  for _, value in ipairs({ position, verdict, ... }) do
    refused[#refused + 1] = value
  end
  redis.call('HINCRBY', root .. 'counts', verdict, 1)
end

local function refuse_for_key(root, refused, position, verdict, key)
  local held = redis.call('HMGET', key, 'job', 'state', 'result')
  refuse(root, refused, position, verdict, held[1], held[2], held[3] or '')
end

local function has_room(root, room, refused, position, at)
  local who, waiting, most
  if room and room.disabled then
    refuse(root, refused, position, 'disabled', '', '', '')
    return false
  end
  if room then
    who, waiting, most = lack_of_room(root, room, ARGV[at + 1], ARGV[at + 2] ~= '0')
  end
  if who then
    refuse(root, refused, position, 'full', who, string.format('%d', waiting), string.format('%d', most))
  end
  return not who
end

-- Takes the key for this job. False when the key belongs to another one, which is then in the reply.
local function take_key(root, room, refused, position, at)
  local key = root .. 'key:' .. ARGV[at + 4]
  local held = redis.call('HMGET', key, 'fingerprint', 'job', 'state')
  if held[1] and held[1] ~= ARGV[at + 5] then
    refuse_for_key(root, refused, position, 'conflict', key)
    return false
  end
  -- A job that has ended keeps its key: its message, sent again, is the same work.
  local mine = (held[2] == ARGV[at] and held[3] == 'live') or (ARGV[at + 6] == '1' and held[3] == 'dead')
  if held[1] and not mine then
    refuse_for_key(root, refused, position, 'duplicate', key)
    return false
  end
  if not has_room(root, room, refused, position, at) then
    return false
  end
  redis.call('HSET', key, 'fingerprint', ARGV[at + 5], 'job', ARGV[at], 'state', 'live')
  redis.call('PERSIST', key)
  return true
end
