"""Code outside jobs that is to run once: `leeward.once`."""
