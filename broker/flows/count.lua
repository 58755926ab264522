-- count.lua: counts the end of a member of a batch whose counts are kept here. Repeating it changes nothing.
--
-- KEYS[1]  the root of the provider that keeps the batch
-- ARGV[1]  the batch's id, without its provider
-- ARGV[2]  member
-- ARGV[3]  done, dead or cancelled
-- Reply    1 when a follow-up of the batch is due, else 0
-- include: leeward/wire/scripts/parts/now.lua
-- include: leeward/wire/scripts/parts/flow.lua
return count_member(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) and 1 or 0
