"""A simulated Plex Media Server."""
