"""Lua that scripts include, here and in the broker."""
