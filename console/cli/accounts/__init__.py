"""`leeward accounts`."""
