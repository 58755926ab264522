"""The guards' own Lua scripts, one verb a file: declare, ask for the limit, steer."""
