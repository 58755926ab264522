"""Connecting to PostgreSQL, and changing its schema while it is in use."""
