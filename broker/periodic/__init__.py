"""When periodic actors run, and their ticks on the way into the fleet."""
