"""What `leeward.testing` runs: a fleet inside the process of a test."""
