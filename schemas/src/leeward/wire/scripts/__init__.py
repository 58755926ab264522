"""The Lua scripts of the client, one verb a file. `parts/` holds what they include."""
