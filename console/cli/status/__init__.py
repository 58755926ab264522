"""`leeward status` and `leeward workers`."""
