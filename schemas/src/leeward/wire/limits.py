"""How much a message may hold."""

MESSAGE_LIMIT_BYTES = 256 * 1024
"""Of a message as it is encoded. A longer one is refused when it is enqueued."""
