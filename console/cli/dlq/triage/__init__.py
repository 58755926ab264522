"""`leeward dlq review`, `assign`, `note`, `hold`, `discard` and `edit`."""
