"""Lua that several of the broker's scripts include."""
