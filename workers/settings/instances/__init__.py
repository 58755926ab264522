"""From `leeward.toml` and `LEEWARD_` variables to checked values: instances of providers, retry presets, the own settings of actors."""
