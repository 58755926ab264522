"""What is done to many jobs at once: a set that is found first and then worked off in bounded batches."""
