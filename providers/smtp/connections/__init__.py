"""Sessions with a relay: opening, signing in, sharing, closing."""
