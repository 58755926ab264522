"""Rule: what an actor's end says about its provider."""

from dramatiq.middleware import TimeLimitExceeded

from broker.delivery.call_result import CallResult
from leeward.extension.errors import Ambiguous, Transient


def call_of(error: BaseException | None) -> CallResult | None:
    """Only success shows that the provider is well. A refusal of this one job (permanent, or of its target for now), 429, a refused login
    and our own bugs say nothing about that.
    """
    match error:
        case None:
            return CallResult.OK
        case Transient() | Ambiguous() | TimeLimitExceeded():
            return CallResult.FAILED
    return None


def is_outage(error: BaseException | None, *, effect_marked: bool) -> bool:
    """Whether a failure should spend no attempt while the circuit is not closed: timeouts, refused connections, 5xx. The same job may well
    succeed once the provider is back. Not when the effect may have happened.
    """
    return isinstance(error, Transient) or (isinstance(error, TimeLimitExceeded) and not effect_marked)
