"""One delivery of a job to this process: what Dramatiq's hooks get as their message."""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sized
from contextlib import suppress
from typing import Any

import orjson
import structlog
from dramatiq import Message, get_encoder
from dramatiq.broker import MessageProxy

from broker.delivery.call_result import CallResult
from broker.delivery.errors import LeaseLost
from broker.delivery.outcomes import Outcome
from leeward.redaction import cleaned_value
from leeward.wire.entry import DUE, place_of
from leeward.wire.job_message import INHERITED

EVENTS_AT_MOST = 250
"""A set of a hundred accounts makes two of each."""
EVENT_LIMIT_BYTES = 16 * 1024
EFFECT_OPEN = "effect_open"
"""The message option of a job that runs again though an earlier delivery may have had its effect."""

_log = structlog.get_logger(__name__)


class Delivery(MessageProxy):
    """A message with its lease. `options` is the message's own and must stay JSON; everything of this run lives in attributes here.

    Attributes:
        provider: whose lease it is.
        token: `<n>@<worker>`, the fencing token.
        server_ms: the server's clock when it was admitted.
        received: when that answer came here, on the monotonic clock.
        effect_begun: an earlier delivery recorded the beginning of its effect and never reported how it ended.
        outcome: how the delivery ends, once a ring has decided. None means what Dramatiq says: done when acked, dead when nacked.
        place: where it waits next, when that has changed.
        result: the actor's return value, a JSON value.
        progress: what the actor reported last.
        started: when a thread began with it, on the monotonic clock.
        handed_out: a thread has it, or has it before it.
        effect_refused: the provider said itself that the effect which this delivery began did not happen.
        call: what this delivery's call shows about its provider; None when there was no call, or when it shows nothing.
        outage: its failure is the provider's: it spends no attempt while the circuit is not closed.
        seconds: how long the actor ran.
        events: what the job has emitted; they are appended to the provider's event stream when it is done.
        events_if_dead: what it emits if it dies with this delivery.
        finished: a thread is done with it, or it was given back.
        cancelled: its job was cancelled while this process had it; it ends at its next safe point.
        lease_ended: from when on another worker could have it, on the monotonic clock; None until that is known to have happened.
        raw: the bytes, when they are not a message.
        args, kwargs: what the actor is called with. A ring may replace them; the message itself stays as it is.
    """

    # What most deliveries keep is set on the class alone.
    lease_ended: float | None = None
    outcome: Outcome | None = None
    result: Any = None
    progress: dict[str, Any] | None = None
    place: str | None = None
    events: list[dict[str, str]] | None = None
    events_if_dead: list[dict[str, Any]] | None = None
    effect_refused = False
    call: CallResult | None = None
    outage = False
    seconds = 0.0
    started: float | None = None
    handed_out = False
    finished = False
    cancelled = False
    _marked = False

    def __init__(
        self,
        message: "Message[Any]",
        *,
        job_id: str,
        queue_name: str,
        provider: str,
        token: str,
        effect_begun: bool,
        server_ms: int,
        mark: Callable[["Delivery"], bool],
        tell: Callable[["Delivery", str, Mapping[str, Any]], None] | None = None,
        raw: bytes | None = None,
    ) -> None:
        super().__init__(message)
        # Plain attributes spare a detour through MessageProxy.__getattr__, several times a job.
        self.message_id = job_id
        self.queue_name = queue_name
        self.actor_name: str = message.actor_name
        self.options: dict[str, Any] = message.options
        self.args: tuple[Any, ...] = message.args
        self.kwargs: dict[str, Any] = message.kwargs
        self.provider = provider
        self.token = token
        self.raw = raw
        self.server_ms = server_ms
        self.received = time.monotonic()
        self.effect_begun = effect_begun
        self._mark = mark
        self._tell = tell

    def __str__(self) -> str:
        """For Dramatiq's log lines: never with the arguments, which may hold secrets."""
        return f"{self.actor_name}[{self.message_id}]"

    @property
    def addressed_to(self) -> str:
        """The queue that the message itself names."""
        return self._message.queue_name

    @property
    def effect_marked(self) -> bool:
        """Whether this delivery has marked the beginning of its effect."""
        return self._marked

    @property
    def effect_open(self) -> bool:
        """Whether its effect may have happened, in this delivery or in an earlier one. Right for actors that mark its beginning."""
        begun_before = self.effect_begun or bool(self.options.get(EFFECT_OPEN))
        return begun_before or (self._marked and not self.effect_refused)

    @property
    def number(self) -> int:
        """1 for the first delivery of a job."""
        return int(self.token.partition("@")[0])

    @property
    def now_ms(self) -> int:
        """The server's clock now, as far as this process knows it: its own wall clock may be hours off."""
        return self.server_ms + round((time.monotonic() - self.received) * 1000)

    @property
    def waited_ms(self) -> int | None:
        """How long the job waited for its first attempt since it was enqueued, or was due; None for a later attempt, and before it began.

        The beginning is by the producer's clock: never less than nothing.
        """
        if self.started is None or not self.token.startswith("1@"):
            return None
        since = self._message.message_timestamp
        due = self.options.get(DUE, since)
        began_ms = self.server_ms + round((self.started - self.received) * 1000)
        return max(0, began_ms - (due if isinstance(due, int) and due > since else since))

    @property
    def idempotency_key(self) -> str | None:
        key = self.options.get("idempotency_key")
        return key if isinstance(key, str) and key else None

    def begin_effect(self) -> None:
        """See `leeward.extension.begin_effect`.

        Raises:
            LeaseLost: another worker has the job.
            CancelRequested: the job is cancelled.
            redis.RedisError: the mark is not durable.
        """
        if not self._marked:
            if not self._mark(self):
                raise LeaseLost(self.message_id, self.token)
            self._marked = True

    def emit_event(self, name: str, data: Mapping[str, Any]) -> None:
        """See `leeward.extension.emit_event`.

        Raises:
            ValueError: the data is not a JSON object, or too large, or these are too many events.
        """
        events = self.events or []
        self._bound(events)
        self.events = [*events, {"name": name, "data": _event_data(name, data)} | self.inherited]

    def emit_event_now(self, name: str, data: Mapping[str, Any]) -> None:
        """See `leeward.extension.emit_event_now`.

        Raises:
            ValueError: the data is not a JSON object, or too large.
            redis.RedisError: the event is not durable.
        """
        _event_data(name, data)
        if self._tell is not None:
            self._tell(self, name, data)

    def emit_event_if_dead(self, name: str, data: Mapping[str, Any]) -> None:
        """See `leeward.extension.emit_event_if_dead`.

        Raises:
            ValueError: as for `emit_event`.
        """
        events = self.events_if_dead or []
        self._bound(events)
        self.events_if_dead = [*events, {"name": name, "data": orjson.loads(_event_data(name, data))}]

    def death_events(self, reason: str, code: object) -> list[dict[str, str]]:
        """What it emits when it dies so, as `settle.lua` takes it."""
        why = {"reason": reason} | ({"code": code} if isinstance(code, str) and code else {})
        return [
            {"name": event["name"], "data": orjson.dumps(event["data"] | why).decode()} | self.inherited
            for event in self.events_if_dead or []
        ]

    @property
    def inherited(self) -> dict[str, str]:
        """Request id and trace, which events and child jobs have, too."""
        return {name: str(self.options[name]) for name in INHERITED if self.options.get(name)}

    def _bound(self, events: Sized) -> None:
        if len(events) == EVENTS_AT_MOST:
            raise ValueError(f"a job emits {EVENTS_AT_MOST} events at most")

    def replace_message(self, message: "Message[Any]") -> None:
        """Makes another message the one that travels on, as a retry with changed options does. It waits where its own options say.

        Raises:
            TypeError: its arguments are new and cannot be encoded.
        """
        if message.args is not self._message.args or message.kwargs is not self._message.kwargs:
            get_encoder().encode({"args": message.args, "kwargs": message.kwargs})
        # Options that name no lane must not stop a retry: the job then stays where it is.
        with suppress(ValueError):
            self.place = place_of(message.queue_name, message.options)
        self._message = message
        self.options = message.options

    def encode(self) -> bytes:
        """The message as it is now, options included. An option that is not JSON is left out: losing it is better than losing the job."""
        if self.raw is not None:
            return self.raw
        try:
            encoded: bytes = self._message.encode()
        except (TypeError, ValueError):
            sound = {name: value for name, value in self.options.items() if _is_encodable(value)}
            _log.exception(
                "options_not_encodable", job=self.message_id, dropped=sorted(self.options.keys() - sound.keys())
            )
            encoded = dataclasses.replace(self._message, options=sound).encode()
        return encoded


def _is_encodable(value: object) -> bool:
    try:
        get_encoder().encode({"value": value})
    except (TypeError, ValueError):
        return False
    return True


def _event_data(name: str, data: Mapping[str, Any]) -> str:
    try:
        encoded = orjson.dumps(cleaned_value(dict(data)))
    except TypeError as error:
        raise ValueError(f"the data of the event {name} is not JSON: {error}") from None
    if len(encoded) > EVENT_LIMIT_BYTES:
        raise ValueError(f"the data of the event {name} has {len(encoded)} bytes; {EVENT_LIMIT_BYTES} are allowed")
    return encoded.decode()
