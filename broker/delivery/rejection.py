"""What a message ends with that Dramatiq's own middleware rejected."""

from dramatiq.broker import MessageProxy
from dramatiq.errors import ActorNotFound
from dramatiq.middleware import SkipMessage

from broker.delivery.failure import describe
from broker.delivery.outcomes import Dead
from leeward.jobs.dead_reason import DeadReason


def rejection(message: MessageProxy) -> Dead:
    """Why Dramatiq's own middleware rejected a message, read off the exception it left."""
    error = message._exception  # noqa: SLF001 # MessageProxy offers no reader
    described = describe(error) if error is not None else {}
    match error:
        case ActorNotFound():
            return Dead(DeadReason.UNKNOWN_ACTOR, described)
        case SkipMessage():
            return Dead(DeadReason.EXPIRED, described)
    return Dead(DeadReason.EXHAUSTED, described)
