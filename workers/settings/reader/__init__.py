"""From a table of `leeward.toml` and `LEEWARD_` variables to a checked model: each source read once, every problem with its place."""
