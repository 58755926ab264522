"""The circuit's rule and state, in Lua, as the scripts that admit, settle and steer include them."""
