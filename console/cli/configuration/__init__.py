"""Commands about the configuration of this environment."""
