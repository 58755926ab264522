"""What a delivery reports to the circuit. The state is in `broker/guards`: it must change in the steps that admit and settle."""
