-- relayed.lua: which rows of an outbox were enqueued last, noted in the same step that enqueues them (leeward/outbox/relaying.py).
-- exports: is_overtaken, note_relayed
--
-- `relayed`  hash: `<outbox>/<shard>` -> the token of the latest call, and behind it the ids of the jobs that it enqueued or found there
--
-- A relay says which call it knows as the latest, '-' for none. One that was stopped while another relay moved rows of the same shard is
-- refused; a call that is repeated, because its reply was lost, is not.

local function is_overtaken(root, mark)
  local name, known, token = string.match(mark, '@(%S+) (%S+) (%S+)$')
  local latest = string.match(redis.call('HGET', root .. 'relayed', name) or '-', '^%S+')
  return latest ~= known and latest ~= token
end

-- Without those that were refused, whose rows stay in the outbox.
local function note_relayed(root, mark, ids, refused)
  local name, token = string.match(mark, '@(%S+) %S+ (%S+)$')
  local kept, out = { token }, {}
  for at = 1, #refused, 5 do
    out[refused[at]] = refused[at + 1] ~= 'duplicate'
  end
  for position, id in ipairs(ids) do
    if not out[position] then
      kept[#kept + 1] = id
    end
  end
  redis.call('HSET', root .. 'relayed', name, table.concat(kept, ' '))
end
