"""The configuration of a machine of the fleet, and the only reader of the environment."""
