"""The providers of a fleet and their guards, for people."""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

import redis

from broker.fleet import health_record
from broker.fleet import queues as steering
from broker.fleet.completions import done_by_hour
from broker.fleet.health_record import Finding
from broker.fleet.suspects import suspicion_of
from broker.guards.config import ImpossibleGuard, Mode
from broker.guards.store import ActorState, Guards, GuardState, Transition
from leeward.actions import ListProviders, ListQueues
from leeward.errors import NotFound
from leeward.record import FleetRecord
from leeward.status import JobStatus
from leeward_admin.jobs.latest_failure import latest_code
from leeward_admin.jobs.waiting_reason import WaitingReason, reasons
from leeward_admin.providers.actors import actor_of, known_actors, queue_of, shared_with
from workers.settings.guards.values import parse_text

__all__ = [
    "ActorState",
    "Finding",
    "GuardState",
    "ImpossibleGuard",
    "Mode",
    "Providers",
    "Transition",
    "UnknownActor",
    "UnknownProvider",
]

PROBES = "probes"
LOOK_EVERY_SECONDS = 0.1


class UnknownProvider(NotFound):
    """Raised when no queue belongs to a provider.

    Attributes:
        provider: its name.
    """

    code = "provider_not_found"

    def __init__(self, provider: str, known: list[str]) -> None:
        close = get_close_matches(provider, known, n=1)
        hint = f": did you mean {close[0]}?" if close else ""
        super().__init__(f"there is no provider {provider}{hint}", actions=() if close else (ListProviders(),))
        self.provider = provider


class UnknownActor(NotFound):
    """Raised when no jobs of an actor wait at a provider.

    Attributes:
        actor: its name.
    """

    code = "actor_not_found"

    def __init__(self, actor: str, provider: str, known: Collection[str]) -> None:
        close = get_close_matches(actor, known, n=1) if actor not in known else ()
        hint = f": did you mean {close[0]}?" if close else ""
        actions = () if close else (ListQueues(),)
        super().__init__(f"no jobs of an actor {actor} wait at {provider}{hint}", actions=actions)
        self.actor = actor


class Providers:
    """Shows providers and changes their guards. Thread-safe. Every change is an event that records who made it."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def states(self) -> list[GuardState]:
        """All of them, by name."""
        known = sorted(steering.known_providers(self._client))
        return [self._named(Guards(self._client, name).state()) for name in known]

    def state(self, provider: str) -> GuardState:
        """Raises: UnknownProvider: no such provider."""
        return self._named(self._guards(provider).state())

    def health(self, provider: str) -> Finding | None:
        """What the latest probe found; None when there was none lately."""
        return health_record.latest(self._client, provider)

    def done_by_hour(self, provider: str, hours: Sequence[datetime]) -> dict[datetime, int]:
        """How many of its jobs were done in each of these hours; those that were not counted are not there."""
        return done_by_hour(self._client, provider, hours)

    def transitions(self, provider: str, limit: int) -> list[Transition]:
        """The latest events of its guards, newest first."""
        return self._guards(provider).transitions(limit)

    def steer(
        self, provider: str, mode: Mode, by: str, cause: str, until: datetime | timedelta | None = None
    ) -> GuardState:
        """Says who decides about its circuit from now on, until an instant or for a duration by the server's clock.

        Raises:
            UnknownProvider: no such provider.
        """
        guards = self._guards(provider)
        guards.mode(mode, by, cause, until=until)
        return self._named(guards.state())

    def set(self, provider: str, by: str, values: dict[str, str], actor: str | None = None) -> GuardState:
        """Changes numbers of its guards, or an actor's own, for the whole fleet, at once. Values are as people write
        them: `8`, `0.5`, `30s`, `true`.

        Raises:
            UnknownProvider, UnknownActor: no such provider, or no such actor there.
            ValueError: a name or value that cannot be; nothing has changed.
        """
        guards = self._guards(provider)
        numbers = {name: parse_text(name, text) for name, text in values.items()}
        if actor is None:
            guards.set(by, **numbers)
        else:
            guards.set_actor(by, actor, self._queue(actor, provider), **numbers)
        return self._named(guards.state())

    def disable(self, provider: str, by: str) -> GuardState:
        """Switches it off for the whole fleet, at once: new jobs are refused, waiting ones stay. Takes precedence over the configuration
        of the workers until `enable`, or `reset` of `enabled`. Idempotent.

        Raises:
            UnknownProvider: no such provider.
        """
        return self.set(provider, by, {"enabled": "false"})

    def enable(self, provider: str, by: str) -> GuardState:
        """Switches it on for the whole fleet, at once, also where the configuration of the workers switches it off. Idempotent.

        Raises:
            UnknownProvider: no such provider.
        """
        state = self.reset(provider, by, "enabled")
        return state if state.config.enabled else self.set(provider, by, {"enabled": "true"})

    def reset(self, provider: str, by: str, *names: str, actor: str | None = None) -> GuardState:
        """Gives numbers back to the configuration of the workers: the named ones or all, an actor's own or the provider's
        and all its actors'.

        Raises:
            UnknownProvider, UnknownActor: no such provider, or no such actor there.
            ValueError: a name that is none.
        """
        guards = self._guards(provider)
        if actor is None:
            guards.reset(by, *names)
        else:
            guards.reset_actor(by, actor, self._queue(actor, provider), *names)
        return self._named(guards.state())

    def probe(self, provider: str) -> str:
        """Has a worker look at its health now; the id of the job that does.

        Raises:
            UnknownProvider: no such provider.
        """
        self._guards(provider)
        from dramatiq import Message

        from leeward.wire.entry import entry_of, submit

        message: Message[Any] = Message(
            queue_name=PROBES, actor_name=f"probe.{provider}", args=(), kwargs={}, options={}
        )
        submit(self._client, PROBES, [entry_of(message, is_span=True)], exempt=True)
        return message.message_id

    def look(self, provider: str, *, within: timedelta) -> tuple[str, Finding | None]:
        """As `probe`, and waits for what is found: the job's id, and the next finding, or None if there is none in time.

        Raises:
            UnknownProvider: no such provider.
        """
        before, until = self.health(provider), time.monotonic() + within.total_seconds()
        job_id = self.probe(provider)
        while time.monotonic() < until:
            found = self.health(provider)
            if found is not None and (before is None or found.at > before.at):
                return job_id, found
            time.sleep(LOOK_EVERY_SECONDS)
        return job_id, None

    def why(self, status: JobStatus, *, now: datetime) -> list[WaitingReason]:
        """What holds a job, the decisive first."""
        guards = Guards(self._client, status.provider).state()
        queues = {state.queue: state for state in steering.queue_states(self._client)}
        queue = queues.get(status.queue or "")
        return reasons(
            status,
            guards,
            paused=bool(queue and queue.paused),
            ahead=steering.jobs_ahead(self._client, status.job_id, status.provider),
            partition=steering.partition_use(self._client, status.job_id, status.provider),
            suspicion=suspicion_of(self._client, status.job_id, status.provider, status.queue or ""),
            now=now,
            no_worker=FleetRecord(self._client).known_unserved(status.queue) if status.queue else None,
            health=self.health(status.provider),
            failed=latest_code(self._client, status),
        )

    def _guards(self, provider: str) -> Guards:
        known = sorted(steering.known_providers(self._client))
        if provider not in known:
            raise UnknownProvider(provider, known)
        return Guards(self._client, provider)

    def _named(self, state: GuardState) -> GuardState:
        """With the names of the actors that have numbers of their own."""
        if not state.actors:
            return state
        actors = known_actors(self._client)
        return replace(state, actors={at: replace(own, actor=actor_of(at, actors)) for at, own in state.actors.items()})

    def _queue(self, actor: str, provider: str) -> str:
        actors = known_actors(self._client)
        queue = queue_of(actor, provider, actors)
        if queue is None:
            raise UnknownActor(actor, provider, actors.keys())
        if others := shared_with(actor, queue, actors):
            raise ImpossibleGuard(
                f"{actor} shares its queue with {', '.join(others)}, and an actor's own numbers are kept by queue: "
                "give the numbers to their provider, or the actor a queue of its own"
            )
        return queue
