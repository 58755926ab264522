"""Running jobs that are cancelled: how their worker learns of it, and how they end."""
