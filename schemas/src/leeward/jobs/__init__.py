"""What can be asked of a fleet: the kinds of jobs, and what names, places and compares them."""
