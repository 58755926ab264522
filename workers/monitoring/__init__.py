"""What metrics and health checks are made of."""
