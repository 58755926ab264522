"""The extensions of an environment: found by their entry points, and checked."""
