"""The dead letter queue: reading it, deciding about it, moving it."""
