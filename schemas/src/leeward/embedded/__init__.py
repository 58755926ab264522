"""A Valkey from a wheel, for development and tests: its program comes with the extra `leeward[testing]`."""
