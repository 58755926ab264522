"""The fleet at a glance: providers, queues, workers, dead letters, and what needs attention."""
