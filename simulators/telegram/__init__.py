"""A simulated Bot API server of Telegram."""
