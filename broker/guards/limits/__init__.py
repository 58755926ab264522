"""How many jobs may start: bulkhead, rate, adaptive limit and actors' own limits, in Lua."""
