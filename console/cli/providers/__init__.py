"""`leeward provider`."""
