"""Providers on real sockets that misbehave on request. For tests, the demo and the benchmarks."""
