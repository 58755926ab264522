"""`leeward dlq`: the dead letter queue."""

from console.dlq.group import dlq

__all__ = ["dlq"]
