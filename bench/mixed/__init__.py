"""Jobs of several providers at once, while all of these misbehave."""
