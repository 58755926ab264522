"""What is known about the whole fleet in Valkey: queues, outboxes, health, permits."""
