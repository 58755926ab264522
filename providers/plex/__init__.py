"""Plex Media Server: its sections, searches and scans, and collections."""
