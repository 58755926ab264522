"""What was asked for against what was seen outside, and whether the failures happened."""
