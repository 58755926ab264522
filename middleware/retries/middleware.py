"""Ring: decides how a failed delivery ends."""

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import dramatiq
import structlog
from dramatiq.broker import MessageProxy
from dramatiq.middleware import Middleware

from broker.delivery.delivery import EFFECT_OPEN, Delivery
from broker.delivery.outcomes import Cancelled, Dead, Defer, Outcome, Release, Retry
from broker.delivery.payload_secrets import without_secrets
from leeward.extension.cancel_requested import CancelRequested
from leeward.extension.errors import TargetUnavailable
from leeward.extension.patience import Patience
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.queue_name import provider_of
from middleware.actor_options import InvalidActorOption
from middleware.error_record import post_mortem, remember
from middleware.idempotency.policy import UnknownOutcome
from middleware.retries.backoff import patient_pause, pause
from middleware.retries.classify import Meaning, classify, tells_what_became, waiting
from middleware.retries.presets import DEFAULT, Preset, presets_of

_log = structlog.get_logger(__name__)


class Retries(Middleware):
    """Turns an exception into the delivery's outcome, which `settle.lua` then makes durable in one step: nothing is acknowledged before
    the next state is on record.

    Owns the actor options `retry_preset` (`middleware.retries.presets.presets_of`), and Dramatiq's `max_retries`, `min_backoff`,
    `max_backoff` (ms) and `throws`.
    Failure stance: asks no backend.
    """

    def __init__(self, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self._uniform = uniform

    @property
    def actor_options(self) -> set[str]:
        return {"retry_preset", "max_retries", "min_backoff", "max_backoff", "throws"}

    def before_declare_actor(self, broker: dramatiq.Broker, actor: "dramatiq.Actor[..., Any]") -> None:
        """Raises: InvalidActorOption: no such preset, or numbers that make no schedule. At start-up, not at the first failure."""
        try:
            preset_of(actor.options, provider_of(actor.queue_name))
        except (TypeError, ValueError) as error:
            raise InvalidActorOption(f"{actor.actor_name}: {error}") from None
        # Dramatiq logs what an actor is expected to raise as one line, and everything else as an error with its traceback.
        actor.options["throws"] = (*_as_tuple(actor.options.get("throws")), CancelRequested)

    def after_process_message(
        self,
        broker: dramatiq.Broker,
        message: MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        if exception is None or not isinstance(message, Delivery) or message.outcome is not None:
            return
        if isinstance(exception, CancelRequested) and not message.effect_marked:
            message.outcome = Cancelled()
            return
        actor = broker.actors.get(message.actor_name)
        try:
            message.outcome = self._judge(message, exception, _merged(actor.options if actor else {}, message.options))
        except Exception as problem:
            # Dramatiq would swallow this and take the failed job for done.
            _log.exception("failure_not_judged", job=message.message_id)
            message.outcome = Dead(DeadReason.INVALID, post_mortem(message, exception) | {"options": str(problem)})
        if isinstance(message.outcome, Dead):
            message.fail()

    def _judge(self, delivery: Delivery, error: BaseException, options: dict[str, Any]) -> Outcome:
        if isinstance(error, dramatiq.ActorNotFound):
            return Dead(DeadReason.UNKNOWN_ACTOR, post_mortem(delivery, error))
        throws = tuple(one for one in _as_tuple(options.get("throws")) if one is not CancelRequested)
        delivery.effect_refused = tells_what_became(error)
        if delivery.effect_open:
            delivery.options[EFFECT_OPEN] = True
        match classify(error, effect_begun=delivery.effect_marked, throws=throws):
            case Meaning.TRY_AGAIN:
                return self._try_again(delivery, error, preset_of(options, delivery.provider))
            case Meaning.WAIT:
                remember(delivery, error, delivery.now_ms)
                wait = waiting(error, partial(without_secrets, delivery))
                return self._in_time(delivery, wait, error) if isinstance(wait, Defer) else wait
            case Meaning.GIVE_BACK:
                return Release()
            case Meaning.NEVER:
                return Dead(DeadReason.PERMANENT, post_mortem(delivery, error))
            case Meaning.UNKNOWN:
                return self._unknown(delivery, error, options)

    def _try_again(self, delivery: Delivery, error: BaseException, preset: Preset) -> Outcome:
        if isinstance(error, TargetUnavailable) and error.patience is not None:
            return self._try_patiently(delivery, error, error.patience)
        failures = delivery.options.get("retries", 0)
        remember(delivery, error, delivery.now_ms)
        delivery.options["retries"] = failures + 1
        if failures + 1 >= preset.attempts:
            return Dead(DeadReason.EXHAUSTED, post_mortem(delivery, error))
        asked = error.delay if isinstance(error, dramatiq.Retry) else None
        delay = pause(preset, failures, self._uniform) if asked is None else timedelta(milliseconds=asked)
        return self._in_time(delivery, Retry(max(delay, getattr(error, "retry_after", None) or delay)), error)

    def _try_patiently(self, delivery: Delivery, error: TargetUnavailable, patience: Patience) -> Outcome:
        """Counted apart from the attempts: a target that was patiently waited for leaves the job all of them."""
        refusals = delivery.options.get("refusals", 0)
        refusals = refusals if isinstance(refusals, int) else 0
        remember(delivery, error, delivery.now_ms)
        delivery.options["refusals"] = refusals + 1
        delay = patient_pause(patience, refusals, self._left(delivery), self._uniform)
        return self._in_time(delivery, Retry(max(delay, error.retry_after or delay)), error)

    def _unknown(self, delivery: Delivery, error: BaseException, options: dict[str, Any]) -> Outcome:
        match UnknownOutcome(options.get("unknown_outcome", UnknownOutcome.RERUN)):
            case UnknownOutcome.PARK:
                return Dead(DeadReason.UNKNOWN_OUTCOME, post_mortem(delivery, error))
            case UnknownOutcome.VERIFY:
                delivery.options["unverified"] = True
        return self._try_again(delivery, error, preset_of(options, delivery.provider))

    def _in_time(self, delivery: Delivery, later: Retry | Defer, error: BaseException) -> Outcome:
        """A pause that ends after the deadline is not waited for."""
        left = self._left(delivery)
        if left is not None and later.delay > left:
            return Dead(DeadReason.EXPIRED, post_mortem(delivery, error))
        return later

    def _left(self, delivery: Delivery) -> timedelta | None:
        """The time until its deadline, negative after it; None where it has none."""
        deadline_ms = delivery.options.get("deadline")
        return timedelta(milliseconds=deadline_ms - delivery.now_ms) if isinstance(deadline_ms, int) else None


def _as_tuple(throws: Any) -> tuple[type[BaseException], ...]:
    return throws if isinstance(throws, tuple) else (throws,) if throws else ()


def _merged(actor_options: dict[str, Any], message_options: dict[str, Any]) -> dict[str, Any]:
    """The actor's options with the message's on top. The preset is the actor's alone: it need not be something that JSON can hold."""
    return {**actor_options, **message_options, "retry_preset": actor_options.get("retry_preset", DEFAULT)}


def preset_of(options: dict[str, Any], provider: str) -> Preset:
    """The schedule of an actor at a provider: its preset, with Dramatiq's own options on top.

    Raises:
        ValueError: no such preset, or numbers that make no schedule.
    """
    preset = presets_of(options.get("retry_preset", DEFAULT)).at(provider)
    attempts = preset.attempts if options.get("max_retries") is None else options["max_retries"] + 1
    shortest = _ms(options.get("min_backoff"), preset.shortest)
    return Preset(attempts, shortest, max(shortest, _ms(options.get("max_backoff"), preset.longest)))


def _ms(given: int | None, otherwise: timedelta) -> timedelta:
    return otherwise if given is None else timedelta(milliseconds=given)
