"""A simulated receiver of webhooks."""
