"""The broker's Lua scripts, one verb a file. `parts/` holds what they include."""
