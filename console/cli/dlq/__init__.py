"""`leeward dlq`: the dead letter queue."""

from console.cli.dlq.group import dlq

__all__ = ["dlq"]
