"""Server software as distributions ship it, started on loopback beside the simulators."""
