"""A simulated Uptime Kuma."""
