"""What happens when something fails: recovery actions, and what depends on what."""
