"""What monitors outside of the fleet receive from it, and say to it."""
