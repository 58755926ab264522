"""Benchmarks: plain Dramatiq and Leeward in turn, on one server. The method is in `README.md`."""
