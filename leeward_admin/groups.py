"""The groups of a fleet's failures, for people."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import redis
from sqlalchemy import Engine

from broker.fleet.health_record import Finding
from broker.guards.store import GuardState
from leeward_admin.lookup.id_beginnings import CANDIDATES, the_only
from leeward_admin.providers.providers import Providers
from leeward_admin.server_errors import AddressMissing
from storage.database.id_beginnings import LEAST_DIGITS, texts_beginning
from storage.dead_letters.groups.attention import Attention, attention
from storage.dead_letters.groups.death_rates import Age, Deaths, Rate, ages, deaths
from storage.dead_letters.groups.diagnosis import Cause, Diagnosis
from storage.dead_letters.groups.failure_groups import (
    UNGROUPED_LIMIT,
    FailureGroup,
    GroupDetail,
    GroupPage,
    UnknownGroup,
    group,
    groups,
    ungrouped,
)
from storage.dead_letters.groups.failure_shares import Part, Share, deaths_by_hour, hours_of_spans, shares
from storage.dead_letters.groups.fingerprint import DIGITS
from storage.dead_letters.groups.group_query import GroupCursor, GroupQuery
from storage.dead_letters.groups.trend import Direction
from storage.tables import dead_letter_groups
from workers.background.replays.availability import why_closed

__all__ = [
    "UNGROUPED_LIMIT",
    "Age",
    "Attention",
    "Cause",
    "Deaths",
    "Diagnosis",
    "Direction",
    "FailureGroup",
    "FailureGroups",
    "GroupCursor",
    "GroupDetail",
    "GroupPage",
    "GroupQuery",
    "Part",
    "Rate",
    "Share",
    "Statistics",
    "UnknownGroup",
]


@dataclass(frozen=True, slots=True)
class Statistics:
    """How the dead letter queue does.

    Attributes:
        deaths: by provider and operation, beside what is usual.
        shares: which part of a provider's jobs that ended died, in the order of `deaths`; None when Valkey cannot be asked.
        ages: how long the open letters have been waiting.
        attention: what needs a person now.
        ungrouped: letters that are in none of these numbers yet but the ages; see `storage.dead_letters.groups.failure_groups.ungrouped`.
        healthy: providers that take jobs now; None when Valkey cannot be asked, so that nothing is said to be ready for a replay.
    """

    deaths: list[Deaths]
    shares: list[Share] | None
    ages: list[Age]
    attention: list[Attention]
    ungrouped: int
    healthy: frozenset[str] | None


class FailureGroups:
    """Reads the groups. Each call is a transaction of its own. Thread-safe.

    Args:
        engine: of the dead letters' database.
        providers: the fleet's providers; asked for only by `statistics`.
    """

    def __init__(self, engine: Engine, providers: Callable[[], Providers]) -> None:
        self._engine = engine
        self._providers = providers

    def page(self, query: GroupQuery, *, now: datetime, limit: int, after: GroupCursor | None = None) -> GroupPage:
        """A part of the matching ones.

        Raises:
            InvalidFilter: `after` is of a list in another order.
        """
        with self._engine.begin() as connection:
            return groups(connection, query, now=now, limit=limit, after=after)

    def get(self, fingerprint: str, *, now: datetime) -> GroupDetail:
        """One, and whom it touches. The beginning of its fingerprint will do.

        Raises:
            UnknownGroup: there is none.
            AmbiguousId: several begin so.
        """
        whole = self.fingerprint_of(fingerprint)
        with self._engine.begin() as connection:
            return group(connection, whole, now=now)

    def fingerprint_of(self, text: str) -> str:
        """The fingerprint that begins so; what was typed where none does.

        Raises:
            AmbiguousId: several begin so.
        """
        if len(text) >= DIGITS or len(text) < LEAST_DIGITS or not text.isalnum():
            return text
        with self._engine.connect() as connection:
            found = texts_beginning(connection, dead_letter_groups.c.fingerprint, text, limit=CANDIDATES + 1)
        return the_only("groups", text, found) or text

    def ungrouped(self) -> int:
        """How many letters no group counts yet."""
        with self._engine.connect() as connection:
            return ungrouped(connection)

    def statistics(self, *, now: datetime) -> Statistics:
        """Deaths, ages, and what needs a person."""
        healthy, done = self._asked_the_fleet(now)
        with self._engine.begin() as connection:
            found = deaths(connection, now=now)
            return Statistics(
                found,
                None if done is None else _in_order(found, shares(deaths_by_hour(connection, now=now), done, now=now)),
                ages(connection, now=now),
                attention(connection, now=now, healthy=healthy or frozenset()),
                ungrouped(connection),
                healthy,
            )

    def _asked_the_fleet(self, now: datetime) -> tuple[frozenset[str] | None, dict[str, dict[datetime, int]] | None]:
        """The healthy providers, and what was done by hour at each; None for both when Valkey cannot be asked."""
        hours = hours_of_spans(now)
        try:
            providers = self._providers()
            states = providers.states()
            healthy = frozenset(one.provider for one in states if takes_jobs(one, providers.health(one.provider), now))
            return healthy, {one.provider: providers.done_by_hour(one.provider, hours) for one in states}
        except (AddressMissing, redis.RedisError):
            return None, None


def _in_order(found: list[Deaths], shares: Iterable[Share]) -> list[Share]:
    place = {(one.provider, one.operation): position for position, one in enumerate(found)}
    # One that died in between is in one list only.
    return sorted(shares, key=lambda one: place.get((one.provider, one.operation), len(place)))


def takes_jobs(state: GuardState, health: Finding | None, now: datetime) -> bool:
    """Whether a provider is healthy as far as anybody knows: a replay would give it jobs, and its latest probe, if there is one, found it
    well.
    """
    return why_closed(state, health, now) is None and (health is None or health.healthy)
