"""Rule: what an actor's end says about its provider."""

from dramatiq.middleware import TimeLimitExceeded

from broker.call import Call
from leeward.extension.errors import Ambiguous, Transient


def call_of(error: BaseException | None) -> Call | None:
    """Only success shows that the provider is well. A refusal of this one job (permanent, or of its target for now), 429, a refused login
    and our own bugs say nothing about that.
    """
    match error:
        case None:
            return Call.OK
        case Transient() | Ambiguous() | TimeLimitExceeded():
            return Call.FAILED
    return None


def is_outage(error: BaseException | None, *, effect_marked: bool) -> bool:
    """Whether a failure should spend no attempt while the circuit is not closed: timeouts, refused connections, 5xx. The same job may well
    succeed once the provider is back. Not when the effect may have happened.
    """
    return isinstance(error, Transient) or (isinstance(error, TimeLimitExceeded) and not effect_marked)
