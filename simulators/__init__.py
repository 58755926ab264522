"""Providers on real sockets that can be told to misbehave. For tests, the demo and the benchmarks."""
