"""`leeward enqueue` and `leeward job`."""
