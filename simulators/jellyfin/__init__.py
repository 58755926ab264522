"""A Jellyfin server's user API."""
