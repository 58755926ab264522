"""Uptime Kuma: heartbeats that we push to it, and the monitors that it shows."""
