"""The recovery actions that this process can take, and the failure that a test of one of them gets."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

import redis

from leeward.actions import ListProviders
from leeward.errors import Invalid
from leeward.extension import Failure, Fallbacks
from workers.recovery.action import Action
from workers.recovery.own_actions import (
    DATABASE,
    DEFAULT_ANSWER,
    RECONNECT,
    SERVE_CACHED,
    circuit_of,
    default_answer,
    queue_for_later,
    reconnect_database,
    serve_cached,
    try_circuit_early,
)
from workers.settings.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leeward import Job, Leeward
    from workers.composition.binding.opened_providers import OpenedProviders
    from workers.composition.composition import Composition

SAMPLE = "a sample answer"
_WITHOUT_PROVIDER = frozenset({RECONNECT, SERVE_CACHED, DEFAULT_ANSWER})


class LocalActions:
    """Imports the extensions that are installed here when one of their actions, or a provider, is asked for first.

    Args:
        settings: of this machine.
        client: of Valkey.
        engine: of PostgreSQL.
        fleet: enqueues what is done later.
        stack: closes what was opened.
    """

    def __init__(
        self,
        settings: Settings,
        client: redis.Redis,
        engine: "Callable[[], Engine]",
        fleet: "Callable[[], Leeward]",
        stack: ExitStack,
    ) -> None:
        self._settings = settings
        self._client = client
        self._engine = engine
        self._fleet = fleet
        self._stack = stack

    def own(self) -> list[Action]:
        """Those of the fleet."""
        return [
            reconnect_database(self._engine),
            try_circuit_early(self._client),
            serve_cached(),
            queue_for_later(self._fleet),
            default_answer(),
        ]

    def all(self) -> list[Action]:
        """With those of extensions, in the order in which they are tried."""
        from workers.recovery.of_extensions import actions_of

        found = [*self.own(), *actions_of(self._composition, self._opened)]
        return sorted(found, key=lambda one: (-one.priority, one.name))

    def failure(self, action: str, of: str | None) -> Failure:
        """What a test of an action gets: how its subject is now, and sample answers.

        Raises:
            Invalid: the action is for a provider, and none is named; or there is no such provider here.
        """
        if of is None and action in _WITHOUT_PROVIDER:
            return Failure(of=DATABASE, operation="test", fallbacks=Fallbacks(cached=lambda: SAMPLE, default=SAMPLE))
        if of is None:
            raise Invalid(f"{action} is for a provider; name one", actions=(ListProviders(),))
        if of == DATABASE:
            return Failure(of=DATABASE, operation="test")
        if of not in self._composition.instances:
            raise Invalid(f"no provider {of} is configured here", actions=(ListProviders(),))
        health = self._opened.health(of)
        return Failure(
            of=of,
            operation="test",
            text=health.detail,
            healthy=health.ok,
            circuit=circuit_of(self._client, of),
            fallbacks=Fallbacks(cached=lambda: SAMPLE, default=SAMPLE, later=self._trial(of)),
        )

    def _trial(self, of: str) -> "Job | None":
        from leeward.record import FleetRecord
        from leeward_admin.providers.trial import trial_at

        try:
            return trial_at(of, None, FleetRecord(self._client).queues())
        except Invalid:
            return None

    @cached_property
    def _composition(self) -> "Composition":
        from workers.composition.composition import usable

        return usable(self._settings)

    @cached_property
    def _opened(self) -> "OpenedProviders":
        from leeward.extension import Context
        from workers.composition.binding.opened_providers import OpenedProviders

        context = Context(database_url=self._settings.database_url, templates=self._composition.templates)
        opened = OpenedProviders(self._composition.instances, lambda _: context)
        self._stack.callback(opened.close)
        return opened
