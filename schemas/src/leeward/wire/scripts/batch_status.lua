-- batch_status.lua: how far a batch is.
--
-- KEYS[1]  the root of the provider that keeps the batch
-- ARGV[1]  the batch's id, without its provider
-- Reply    total, pending, done, dead, cancelled, sealed, began, ended; false for what is not known, as all of a batch that does not exist
return redis.call('HMGET', KEYS[1] .. 'batch:' .. ARGV[1], 'total', 'pending', 'done', 'dead', 'cancelled', 'sealed', 'began', 'ended')
