"""A dead letter queue as large as an outage makes it."""
