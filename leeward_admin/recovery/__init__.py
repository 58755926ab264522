"""What the fleet does by itself when something fails, for people and their scripts."""
