"""What probes found of the machines of a fleet."""
