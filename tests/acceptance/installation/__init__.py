"""Leeward as operators install it: from wheels, by docs/install.md."""
