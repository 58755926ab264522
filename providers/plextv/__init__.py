"""Signing people in with plex.tv: PINs, tokens, and the servers that a token opens."""
