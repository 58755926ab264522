-- outcome.lua: what is kept of a job that did not end as done.
-- exports: keep_outcome
--
-- `outcome:<id>`  string: JSON with `state`; as far as known `kind`, `queue`, `token` (`<n>@<worker>`, its last delivery), `attempts`, `tags`;
--                 `result` of a job that is done; of a dead one `reason`, `error`, and `entry` and `at`, which its dead letter's id comes from

local OUTCOME_ERROR_BYTES = 500

local function table_from(text)
  local readable, decoded = pcall(cjson.decode, text or '')
  return readable and type(decoded) == 'table' and decoded or {}
end

-- Of an error, what a caller wants to know; the dead letter has the rest.
local function short_error(error_json)
  local error = table_from(error_json)
  local message = type(error.message) == 'string' and string.sub(error.message, 1, OUTCOME_ERROR_BYTES) or nil
  return { type = error.type, message = message, code = error.code, operation = error.operation, status = error.status }
end

-- `outcome` has what is special about this end.
local function keep_outcome(root, id, outcome, message, token, kept_ms)
  local job = table_from(message)
  local options = type(job.options) == 'table' and job.options or {}
  outcome.kind, outcome.queue, outcome.token = job.actor_name, job.queue_name, token or nil
  outcome.attempts, outcome.tags = options.retries, type(options.tags) == 'table' and #options.tags > 0 and options.tags or nil
  outcome.error = outcome.error and short_error(outcome.error)
  redis.call('SET', root .. 'outcome:' .. id, cjson.encode(outcome), 'PX', kept_ms)
end
