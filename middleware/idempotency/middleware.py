"""Ring: a delivery whose predecessor may have had its effect does not simply run."""

from datetime import timedelta
from typing import Any

import dramatiq
import structlog
from dramatiq.broker import MessageProxy
from dramatiq.middleware import Middleware, SkipMessage

from broker.delivery.delivery import EFFECT_OPEN, Delivery
from broker.delivery.failure import describe
from broker.delivery.outcomes import Dead, Defer, Done
from leeward.jobs.dead_reason import DeadReason
from middleware.actor_options import InvalidActorOption
from middleware.idempotency.policy import UnknownOutcome

VERIFY_AGAIN_AFTER = timedelta(seconds=30)

_log = structlog.get_logger(__name__)


class Idempotency(Middleware):
    """Decides, by the actor's policy, about a delivery whose predecessor began its effect and never reported how it ended.

    Owns the actor options `unknown_outcome` (`rerun`, the default, `verify` or `park`) and `verify`, a function of the actor's arguments.
    Failure stance: closed. When `verify` fails, the job waits and is verified again; it never runs on a guess.
    """

    @property
    def actor_options(self) -> set[str]:
        return {"unknown_outcome", "verify"}

    def before_declare_actor(self, broker: dramatiq.Broker, actor: "dramatiq.Actor[..., Any]") -> None:
        """Raises: InvalidActorOption: no such policy, or `verify` without a function. At start-up, not at the first crash."""
        policy = actor.options.get("unknown_outcome", UnknownOutcome.RERUN)
        if policy not in set(UnknownOutcome):
            raise InvalidActorOption(
                f"{actor.actor_name}: there is no policy {policy!r}; choose one of {', '.join(UnknownOutcome)}"
            )
        if (policy == UnknownOutcome.VERIFY) != ("verify" in actor.options):
            raise InvalidActorOption(
                f"{actor.actor_name}: unknown_outcome='verify' and verify=<function> belong together"
            )

    def before_process_message(self, broker: dramatiq.Broker, message: MessageProxy) -> None:
        if not isinstance(message, Delivery) or not (message.effect_begun or message.options.get("unverified")):
            return
        actor = broker.get_actor(message.actor_name)
        match UnknownOutcome(actor.options.get("unknown_outcome", UnknownOutcome.RERUN)):
            case UnknownOutcome.PARK:
                message.outcome = Dead(DeadReason.UNKNOWN_OUTCOME, _crashed(message))
                message.fail()
                raise SkipMessage("whether its effect happened is not known; a person decides")
            case UnknownOutcome.VERIFY:
                _verify(actor, message)
            case UnknownOutcome.RERUN:
                pass


def _verify(actor: "dramatiq.Actor[..., Any]", delivery: Delivery) -> None:
    try:
        happened = actor.options["verify"](*delivery.args, **delivery.kwargs)
    except Exception as error:
        _log.warning("verification_failed", job=delivery.message_id, error=describe(error)["message"])
        delivery.options["unverified"] = True
        delivery.outcome = Defer(VERIFY_AGAIN_AFTER, "verify")
        raise SkipMessage("it could not be verified whether its effect happened") from None
    delivery.options.pop("unverified", None)
    delivery.options.pop(EFFECT_OPEN, None)
    if happened:
        delivery.outcome = Done()
        raise SkipMessage("its effect had happened")


def _crashed(delivery: Delivery) -> dict[str, Any]:
    return {
        "type": "UnknownOutcome",
        "message": f"delivery {delivery.number - 1} began its effect and did not report how it ended; "
        "look at the provider, then replay or discard",
        "provider": delivery.provider,
    }
