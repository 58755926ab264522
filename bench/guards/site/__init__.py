"""What the guards' benchmarks run: actors, workers, a simulated provider, its records."""
