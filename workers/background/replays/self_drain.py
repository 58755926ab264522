"""Replays what an outage left once the provider is well again, without anybody asking. Only for actors that the configuration names."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

import structlog

from broker.fleet import health_record
from broker.guards.store import Guards
from storage.dead_letters.audit import FLEET
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.state import State
from storage.replays.creation import AlreadyUnderWay, NothingToReplay, create
from storage.replays.outages import REASONS, Left, is_resting, left_by_outages, of_an_outage
from storage.replays.rules import Rules
from storage.replays.selection import Selection
from storage.replays.state import ReplayState
from storage.replays.steps import step
from workers.background.replays.availability import has_been_well
from workers.background.replays.run import Fleet
from workers.settings.settings import Settings

_log = structlog.get_logger(__name__)

WHO = f"{FLEET}:self-drain"
ERROR_TYPES = ("Transient", "DeadlinePassed")
"""What an outage leaves: attempts that failed for a reason which passes, and jobs whose time ran out while they waited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfDrainConfig:
    """When and how carefully.

    Attributes:
        actors: whose dead letters.
        healthy_for: how long the provider must have been healthy and its circuit closed.
        canary: how many are tried first; all of them must be done.
        per_second: how many are enqueued per second.
        generations: dead letters that so many replays came before are left for a person.
        rest: how long nothing is tried again after a replay was stopped or cancelled.
        every: how often to look.
    """

    actors: tuple[str, ...]
    healthy_for: timedelta = timedelta(minutes=10)
    canary: int = 5
    per_second: float = 5.0
    generations: int = 1
    rest: timedelta = timedelta(hours=1)
    every: timedelta = timedelta(seconds=15)

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """As the settings have it; None when no actor opts in."""
        actors = settings.self_drain.wanted(settings.source.table("actors"))
        return cls(actors=actors, **settings.self_drain.model_dump(exclude={"actors"})) if actors else None


class SelfDrain:
    """Checks at intervals. Any number may run, on any hosts: at most one replay per actor and provider runs at a time.

    Args:
        fleet: where to look.
        config: what is wanted.
        clock: seconds that only go forward.
        now: the time, aware.
    """

    def __init__(
        self,
        fleet: Fleet,
        config: SelfDrainConfig,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._fleet = fleet
        self._config = config
        self._clock = clock
        self._now = now
        self._looked_at: float | None = None
        self._conditions = of_an_outage(ERROR_TYPES, generations=config.generations)

    def look(self) -> None:
        """Makes and starts the replays that it is time for.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, redis.RedisError: a server cannot be reached. Try again.
        """
        if self._looked_at is not None and self._clock() - self._looked_at < self._config.every.total_seconds():
            return
        self._looked_at = self._clock()
        with self._fleet.engine.connect() as connection:
            found = left_by_outages(connection, self._config.actors, self._conditions)
        for left in found:
            if self._is_well(left.provider):
                self._replay(left)

    def _is_well(self, provider: str) -> bool:
        client = self._fleet.client
        finding = health_record.latest(client, provider)
        return has_been_well(Guards(client, provider).state(), finding, self._now(), self._config.healthy_for)

    def _replay(self, left: Left) -> None:
        origin = f"self-drain of {left.actor} at {left.provider}"
        rules = Rules(canary=self._config.canary, per_second=self._config.per_second)
        filter_ = Filter(states=(State.FAILED,), reasons=REASONS, providers=(left.provider,), actors=(left.actor,))
        selection = Selection(filter=filter_, extra=self._conditions)
        try:
            with self._fleet.engine.begin() as connection:
                if is_resting(connection, origin, self._now() - self._config.rest):
                    return
                note = f"{left.provider} is well again"
                replay = create(connection, selection, rules, who=WHO, note=note, origin=origin)
                step(connection, replay.id, ReplayState.RUNNING)
        except (AlreadyUnderWay, NothingToReplay):
            # Another host was first.
            return
        _log.info(
            "self_drain_begins", replay=str(replay.id), actor=left.actor, provider=left.provider, letters=replay.letters
        )
