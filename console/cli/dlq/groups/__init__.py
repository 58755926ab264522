"""`leeward dlq groups`, `group` and `stats`."""
