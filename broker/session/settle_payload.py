"""Outcomes as `settle.lua` takes them."""

from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import structlog

from broker.delivery.bounds import RESULT_LIMIT_BYTES, bounded, bounded_error
from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Cancelled, Dead, Defer, Done, Hold, Outcome, Release, Retry
from broker.delivery.payload_secrets import result_without_secrets
from broker.flows.sent_with import sent_with
from leeward.flows.follow_up import FLOW

_log = structlog.get_logger(__name__)

KEY_KEPT = timedelta(hours=24)
"""How long an idempotency key answers after its job has ended, where no guards are declared: their `key_kept` says otherwise."""


@lru_cache(maxsize=4096)
def facts_of(actor: str, queue: str) -> str:
    """What is kept of a job that is done beside its result, as members of a JSON object: `outcome.lua`."""
    return orjson.dumps({"kind": actor, "queue": queue})[1:-1].decode()


def is_plain(delivery: Delivery, outcome: Outcome) -> bool:
    """Whether an id, a token and `facts_of` say everything: a success at the first attempt, without result, key or replayed dead letter."""
    options = delivery.options
    return (
        isinstance(outcome, Done)
        and outcome.result is None
        and "idempotency_key" not in options
        and "replay_of" not in options
        and "retries" not in options
        and "tags" not in options
        and FLOW not in options
        and delivery.events is None
        and not delivery.seconds > SLOW_CANDIDATE_SECONDS
    )


SLOW_CANDIDATE_SECONDS = 0.5
"""A quicker success is reported without its duration: no provider's `slow` should be below."""


class SettlePayload(NamedTuple):
    """What `settle.lua` needs for one delivery: its object, and the message that goes with it."""

    fields: dict[str, Any]
    message: bytes | None = None


def settle_payload(delivery: Delivery, outcome: Outcome, *, kept: timedelta) -> SettlePayload:
    """The ending of one delivery, complete: whatever cannot be encoded fails here, in the thread that caused it.

    A result that is not JSON is dropped with an error in the log: the effect has happened, and the job must not run again for it. One
    that is too large is cut for the same reason (`broker.delivery.bounds`).
    """
    common = {"id": delivery.message_id, "token": delivery.token} | _evidence(delivery)
    match outcome:
        case Done(result):
            return SettlePayload(common | {"end": "done", "kept_ms": _ms(kept)} | _done(delivery, result))
        case Retry(delay) | Defer(delay, _):
            return SettlePayload(
                common | {"end": "later", "delay_ms": _ms(delay)} | _place(delivery), delivery.encode()
            )
        case Hold(delay, cause, probe):
            fields = {"end": "hold", "delay_ms": _ms(delay), "cause": cause, "probe": probe}
            return SettlePayload(common | fields, delivery.encode())
        case Release():
            return SettlePayload(common | {"end": "release"})
        case Cancelled():
            fields = common | {"end": "cancelled", "key": delivery.idempotency_key or ""}
            return SettlePayload(fields, delivery.encode())
        case Dead():
            return SettlePayload(common | {"end": "dead"} | _dead(delivery, outcome), delivery.encode())


def _place(delivery: Delivery) -> dict[str, str]:
    return {} if delivery.place is None else {"place": delivery.place}


def _error_json(error: dict[str, Any]) -> str:
    try:
        encoded = orjson.dumps(error, default=repr)
    except TypeError:  # text that is no UTF-8, a number beyond 64 bits: why a job is dead must not keep it alive
        encoded = orjson.dumps({str(name): repr(value) for name, value in error.items()})
    return bounded_error(encoded, error).decode()


def _evidence(delivery: Delivery) -> dict[str, Any]:
    """What the delivery's call shows about its provider."""
    if delivery.call is None:
        return {}
    evidence: dict[str, Any] = {"call": delivery.call.value, "ms": round(delivery.seconds * 1000)}
    if delivery.outage:
        evidence |= {"outage": True, "attempts": delivery.options.get("retries", 1)}
    return evidence


def _done(delivery: Delivery, result: Any) -> dict[str, Any]:
    extra: dict[str, Any] = {"facts": _facts(delivery)}
    if result is not None:
        try:
            result_json = result_without_secrets(delivery, orjson.dumps(result))
            extra["result"] = bounded(result_json, RESULT_LIMIT_BYTES).decode()
            if len(result_json) > RESULT_LIMIT_BYTES:
                _log.warning("result_cut", job=delivery.message_id, actor=delivery.actor_name, bytes=len(result_json))
        except TypeError:
            _log.exception("result_not_json", job=delivery.message_id, actor=delivery.actor_name)
    if delivery.idempotency_key:
        extra |= {"key": delivery.idempotency_key, "key_ms": _ms(KEY_KEPT)}
    if replay_of := delivery.options.get("replay_of"):
        extra["replay_of"] = str(replay_of)
    if FLOW in delivery.options and (flow := sent_with(delivery.options)):
        extra[FLOW] = flow
    if delivery.events is not None:
        extra["events"] = delivery.events
    return extra


def _dead(delivery: Delivery, outcome: Dead) -> dict[str, Any]:
    error = outcome.error | {"effect": "open" if delivery.effect_open else "none"}
    fields: dict[str, Any] = {"reason": outcome.reason.value, "error": _error_json(error), "key_ms": _ms(KEY_KEPT)}
    if delivery.idempotency_key:
        fields["key"] = delivery.idempotency_key
    if delivery.events_if_dead is not None:
        fields["events"] = delivery.death_events(outcome.reason.value, error.get("code"))
    return fields


def _facts(delivery: Delivery) -> str:
    facts = facts_of(delivery.actor_name, delivery.queue_name)
    more = {name: delivery.options.get(option) for name, option in (("attempts", "retries"), ("tags", "tags"))}
    with suppress(TypeError):  # of an option that is not JSON nothing is kept
        return ",".join([facts, *(f'"{name}":{orjson.dumps(value).decode()}' for name, value in more.items() if value)])
    return facts


def _ms(span: timedelta) -> int:
    return max(0, round(span.total_seconds() * 1000))
