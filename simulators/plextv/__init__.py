"""A simulated plex.tv."""
