"""What runs inside the measured worker processes: the same actors, on either broker."""
