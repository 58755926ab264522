"""What is read and written of the whole fleet, and not of one job."""
