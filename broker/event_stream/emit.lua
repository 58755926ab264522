-- emit.lua: appends an event to a provider's stream, in the step that makes it true.
--
-- `event_stream`  stream: name, at (server ms), data (JSON object), request_id, traceparent ('' for none); the latest ten thousand or so
local EVENT_STREAM_KEPT = 10000

local function emit_event(root, now, name, data_json, request_id, traceparent)
  redis.call('XADD', root .. 'event_stream', 'MAXLEN', '~', EVENT_STREAM_KEPT, '*', 'name', name, 'at', string.format('%.0f', now),
    'data', data_json, 'request_id', request_id or '', 'traceparent', traceparent or '')
  -- Refused to a user without this channel; the pumps look every few seconds, too.
  redis.pcall('PUBLISH', 'leeward:event', string.match(root, '{(.*)}'))
end
