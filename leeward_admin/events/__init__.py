"""What happened in the fleet, and what its handlers receive again."""
