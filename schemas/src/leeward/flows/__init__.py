"""What follows when jobs end: follow-ups, and batches with a status of their own."""
