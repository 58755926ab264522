"""What follows when jobs end: follow-ups and batches, carried from one provider to another."""
