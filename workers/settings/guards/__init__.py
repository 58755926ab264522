"""How providers and actors are guarded: defaults, the profile, `leeward.toml`, the environment."""
