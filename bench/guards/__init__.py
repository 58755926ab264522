"""Benchmarks of the guards: Leeward's own promises, beside plain Dramatiq where it has the feature. The method is in `bench/README.md`."""
