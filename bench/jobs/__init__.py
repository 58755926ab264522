"""Benchmarks of queues and jobs: plain Dramatiq and Leeward in turn."""
