-- message_key.lua: the idempotency key of an encoded message; false for bytes that name none.
local function idempotency_key(message)
  local readable, decoded = pcall(cjson.decode, message)
  local options = readable and type(decoded) == 'table' and decoded.options
  local key = type(options) == 'table' and options.idempotency_key
  return type(key) == 'string' and key ~= '' and key
end
