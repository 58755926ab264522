"""What an actor was declared with is checked when it is declared."""

from dramatiq.middleware import MiddlewareError


class InvalidActorOption(MiddlewareError, ValueError):
    """Raised when an actor is declared with an option that cannot work. A kind of error that Dramatiq lets out of a middleware."""
