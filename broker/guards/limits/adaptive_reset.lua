-- adaptive_reset.lua: an adaptive limit that is switched off forgets: what was measured long ago is no beginning for when it is on again.
local function unlearn_unless_adaptive(root)
  if redis.call('HGET', root .. 'guards', 'adaptive') ~= '1' then
    redis.call('DEL', root .. 'adaptive', root .. 'admitted')
  end
end
