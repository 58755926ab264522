"""The providers of a fleet and their guards, for people."""

from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

import redis
from dramatiq import Message

from broker import health_record, steering
from broker.guards.config import Mode
from broker.guards.store import Guards, GuardState, Transition
from broker.health_record import Finding
from leeward.entry import entry_of, submit
from leeward.status import JobStatus
from workers.guard_settings import parse_value
from workers.waiting_reason import WaitingReason, reasons

PROBES = "probes"


class UnknownProvider(LookupError):
    """Raised when no queue belongs to a provider.

    Attributes:
        provider: its name.
    """

    def __init__(self, provider: str, known: list[str]) -> None:
        close = get_close_matches(provider, known, n=1)
        hint = f"did you mean {close[0]}?" if close else "see `leeward provider list`"
        super().__init__(f"there is no provider {provider}: {hint}")
        self.provider = provider


class Providers:
    """Looks at providers and steers their guards. Thread-safe. Every change is an event that bears who made it."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def states(self) -> list[GuardState]:
        """All of them, by name."""
        return [Guards(self._client, name).state() for name in sorted(steering.known_providers(self._client))]

    def state(self, provider: str) -> GuardState:
        """Raises: UnknownProvider: no such provider."""
        return self._guards(provider).state()

    def health(self, provider: str) -> Finding | None:
        """What the latest probe found; None when there was none lately."""
        return health_record.latest(self._client, provider)

    def transitions(self, provider: str, limit: int) -> list[Transition]:
        """The latest events of its guards, newest first."""
        return self._guards(provider).transitions(limit)

    def steer(self, provider: str, mode: Mode, by: str, cause: str, until: datetime | None = None) -> GuardState:
        """Says who decides about its circuit from now on.

        Raises:
            UnknownProvider: no such provider.
        """
        guards = self._guards(provider)
        guards.mode(mode, by, cause, until=until)
        return guards.state()

    def set(self, provider: str, by: str, values: dict[str, str]) -> GuardState:
        """Changes numbers of its guards for the whole fleet, at once. Values are as people write them: `8`, `0.5`, `30s`, `true`.

        Raises:
            UnknownProvider: no such provider.
            ValueError: a name or value that cannot be; nothing has changed.
        """
        guards = self._guards(provider)
        guards.set(by, **{name: parse_value(name, _number(text)) for name, text in values.items()})
        return guards.state()

    def reset(self, provider: str, by: str, *names: str) -> GuardState:
        """Gives numbers back to the configuration of the workers.

        Raises:
            UnknownProvider: no such provider.
            ValueError: a name that is none.
        """
        guards = self._guards(provider)
        guards.reset(by, *names)
        return guards.state()

    def probe(self, provider: str) -> str:
        """Has a worker look at its health now; the id of the job that does.

        Raises:
            UnknownProvider: no such provider.
        """
        self._guards(provider)
        message: Message[Any] = Message(
            queue_name=PROBES, actor_name=f"probe.{provider}", args=(), kwargs={}, options={}
        )
        submit(self._client, PROBES, [entry_of(message)])
        return message.message_id

    def why(self, status: JobStatus, now: datetime | None = None) -> list[WaitingReason]:
        """What holds a job, the decisive first."""
        guards = Guards(self._client, status.provider).state()
        queues = {state.queue: state for state in steering.queue_states(self._client)}
        queue = queues.get(status.queue or "")
        return reasons(
            status,
            guards,
            paused=bool(queue and queue.paused),
            ahead=steering.jobs_ahead(self._client, status.job_id, status.provider),
            now=now or datetime.now(UTC),
        )

    def _guards(self, provider: str) -> Guards:
        known = sorted(steering.known_providers(self._client))
        if provider not in known:
            raise UnknownProvider(provider, known)
        return Guards(self._client, provider)


def _number(text: str) -> Any:
    """Text as TOML would have read it."""
    if text in {"true", "false"}:
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
