"""What people type, found: ids by their beginnings, names by the nearest."""
