"""Probes of the machine that a worker host runs on, and of the servers as it sees them."""
