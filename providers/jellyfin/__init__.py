"""Jellyfin's user accounts over its HTTP API."""
