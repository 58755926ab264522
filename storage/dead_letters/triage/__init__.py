"""What people decide about dead letters."""
