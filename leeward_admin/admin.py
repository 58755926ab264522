"""The fleet as people and their tools see it: client, queues, dead letters, replays. Opened from the settings, closed at the end."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import SecretStr

from leeward.jobs.kinds import KINDS
from leeward_admin.server_errors import AddressMissing, translated
from workers.processes.addresses import with_running_servers
from workers.settings.settings import Settings

if TYPE_CHECKING:
    import redis
    from sqlalchemy import Engine

    from leeward import Leeward
    from leeward.record import FleetRecord, PublishedKind
    from leeward_admin.accounts import Accounts
    from leeward_admin.dead_letters.dead_letters import DeadLetters
    from leeward_admin.dependencies.dependencies import Dependencies
    from leeward_admin.erasure import Erasure
    from leeward_admin.events.events import Events
    from leeward_admin.groups import FailureGroups
    from leeward_admin.jobs.fleet_jobs import FleetJobs
    from leeward_admin.lookup.names import Names
    from leeward_admin.outbox import Outbox
    from leeward_admin.providers.providers import Providers
    from leeward_admin.providers.webhooks import Webhooks
    from leeward_admin.queues import Queues
    from leeward_admin.recovery.recovery import RecoveryActions
    from leeward_admin.replays import Replays
    from leeward_admin.schedules import Schedules
    from leeward_admin.status.health import PartHealth
    from leeward_admin.status.status import FleetStatus, WorkerStatus


__all__ = ["Admin", "fleet"]


class Admin:
    """Opens each part when it is first used, so that a command needs only the servers that it asks, and imports only what talks to them.
    Made by `opened`.
    """

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self.settings = settings
        self._stack = stack

    @cached_property
    def jobs(self) -> "Leeward":
        """Raises: AddressMissing: no Valkey."""
        from leeward import Leeward

        return self._stack.enter_context(Leeward(self._valkey_url))

    @cached_property
    def fleet_jobs(self) -> "FleetJobs":
        """Lists of jobs, and one with everything. Raises: AddressMissing: no Valkey."""
        from leeward_admin.jobs.fleet_jobs import FleetJobs

        return FleetJobs(
            self._client, self.jobs.status, lambda: self.dead_letters if self.settings.database_url else None
        )

    @cached_property
    def schedules(self) -> "Schedules":
        """Periodic actors. Raises: AddressMissing: no Valkey."""
        from leeward_admin.schedules import Schedules

        return Schedules(self._client)

    @cached_property
    def queues(self) -> "Queues":
        """Raises: AddressMissing: no Valkey."""
        from leeward_admin.queues import Queues

        return Queues(self._client, self._valkey_url)

    @cached_property
    def events(self) -> "Events":
        """What happened in the fleet. Raises: AddressMissing: no Valkey."""
        from leeward_admin.events.events import Events

        return Events(self._client, self.record)

    @cached_property
    def providers(self) -> "Providers":
        """Raises: AddressMissing: no Valkey."""
        from leeward_admin.providers.providers import Providers

        return Providers(self._client)

    @cached_property
    def record(self) -> "FleetRecord":
        """What the fleet's workers have published. Raises: AddressMissing: no Valkey."""
        from leeward.record import FleetRecord

        return FleetRecord(self._client)

    def published_kinds(self) -> "Iterable[PublishedKind]":
        """The kinds of the fleet's extensions: from PostgreSQL where that is in use, else as workers publish them.

        Raises:
            redis.RedisError, sqlalchemy.exc.SQLAlchemyError: the server cannot be reached.
        """
        if "_engine" in vars(self):
            from storage.job_kinds import stored_kinds

            return stored_kinds(self._engine)
        return [] if self.settings.valkey_url is None else self.record.kinds().values()

    def status(self) -> "FleetStatus":
        """The fleet at a glance. Where PostgreSQL cannot be asked, that is one of its needs.

        Raises:
            AddressMissing: no Valkey.
        """
        from leeward_admin.status.letters import open_letters
        from leeward_admin.status.outbox import outbox_needs, read_outbox
        from leeward_admin.status.reading import read_status

        found = read_status(self._client, lambda: open_letters(self.settings))
        return found.with_needs(outbox_needs(read_outbox(self.settings)))

    def health(self, *, now: datetime) -> "list[PartHealth]":
        """Providers, servers and machines, by what their latest probes found. Raises: AddressMissing: no Valkey."""
        from leeward_admin.status.health import read_health

        return read_health(self._client, now=now)

    def workers(self) -> "list[WorkerStatus]":
        """The worker processes, also those that went silent in the last ten minutes. Raises: AddressMissing: no Valkey."""
        from leeward_admin.status.reading import read_workers

        return read_workers(self._client)

    def job_id_of(self, text: str) -> str:
        """The id of a job of which a person typed the whole or the beginning; what was typed where none begins so.

        Raises:
            AmbiguousId: several begin so.
            AddressMissing: no Valkey.
        """
        import redis

        from broker.fleet.job_ids import is_beginning, jobs_beginning
        from leeward_admin.lookup.id_beginnings import CANDIDATES, WHOLE, the_only

        if len(text) >= WHOLE or not is_beginning(text):
            return text
        try:
            found = jobs_beginning(self._client, self.queues.providers(), text, limit=CANDIDATES + 1)
        except redis.exceptions.NoPermissionError:  # docs/valkey.md: SCAN is for admins
            return text
        return the_only("jobs", text, found) or text

    def names(self) -> "Names":
        """The queues, providers, kinds and actors that the fleet knows. Raises: AddressMissing: no Valkey."""
        from broker.fleet.queues import known_queues
        from leeward_admin.lookup.names import Names

        actors = {name for catalogue in self.record.workers().values() for name in catalogue.actors}
        return Names(tuple(known_queues(self._client)), tuple(KINDS.names()), tuple(sorted(actors)))

    @cached_property
    def accounts(self) -> "Accounts":
        """Raises: AddressMissing: no PostgreSQL; no Valkey only where a job is to be enqueued."""
        from leeward_admin.accounts import Accounts

        return Accounts(self._engine, lambda: self.jobs)

    @cached_property
    def dead_letters(self) -> "DeadLetters":
        """Raises: AddressMissing: no PostgreSQL; no Valkey only when a drain needs one."""
        from leeward_admin.dead_letters.dead_letters import DeadLetters

        # Both are looked for when they are used: reading dead letters needs no Valkey.
        return DeadLetters(self._engine, lambda: self._client, lambda: self.queues.providers())  # noqa: PLW0108 # see above

    @cached_property
    def erasure(self) -> "Erasure":
        """Raises: AddressMissing: no PostgreSQL, or no Valkey."""
        from leeward_admin.erasure import Erasure

        return Erasure(self._engine, self._client, self.queues.providers, self.dead_letters.drain)

    @cached_property
    def failure_groups(self) -> "FailureGroups":
        """Raises: AddressMissing: no PostgreSQL. Without Valkey only the providers' health is unknown."""
        from leeward_admin.groups import FailureGroups

        return FailureGroups(self._engine, lambda: self.providers)

    @cached_property
    def replays(self) -> "Replays":
        """Raises: AddressMissing: no PostgreSQL; no Valkey only when a replay is run."""
        from leeward_admin.replays import Replays
        from workers.background.replays.run import Fleet

        return Replays(self._engine, lambda: Fleet(self._engine, self._client, self.queues.providers))

    @cached_property
    def webhooks(self) -> "Webhooks":
        """What outside services send to the fleet. Raises: AddressMissing: no Valkey, when one is taken."""
        from leeward_admin.providers.webhooks import Webhooks

        return Webhooks(self.settings, lambda: self.jobs)

    @cached_property
    def dependencies(self) -> "Dependencies":
        """What providers depend on, and what it would cost to be without it. Raises: AddressMissing: no Valkey."""
        from leeward_admin.dependencies.dependencies import Dependencies

        return Dependencies(self._client, self.settings)

    @cached_property
    def recovery(self) -> "RecoveryActions":
        """What the fleet does by itself when something fails. Raises: AddressMissing: no Valkey."""
        from leeward_admin.recovery.recovery import RecoveryActions

        return RecoveryActions(self.settings, self._client, lambda: self._engine, lambda: self.jobs, self._stack)

    @cached_property
    def outbox(self) -> "Outbox":
        """Raises: NotReady: no outbox is configured."""
        from leeward_admin.outbox import Outbox

        return self._stack.enter_context(Outbox.opened(self.settings))

    @cached_property
    def _engine(self) -> "Engine":
        from storage.database.engine import WITHOUT_END, create_engine

        engine = create_engine(
            _url(self.settings.database_url, "PostgreSQL", self.settings),
            application="leeward console",
            patience=WITHOUT_END,
        )
        self._stack.callback(engine.dispose)
        return engine

    @cached_property
    def _client(self) -> "redis.Redis":
        from leeward.wire.valkey.connection import connect

        client = connect(self._valkey_url)
        self._stack.callback(client.close)
        return client

    @property
    def _valkey_url(self) -> str:
        return _url(self.settings.valkey_url, "Valkey", self.settings)


@contextmanager
def opened(settings: Settings) -> Iterator[Admin]:
    """The fleet of these settings, or of the `leeward up` that runs on their data folder. Connects when asked something.

    Raises:
        AddressMissing: a part was asked for whose server has no address.
        ServerUnreachable, SchemaMissing: also from inside the `with`, in place of the servers' own errors.
    """
    reachable = with_running_servers(settings)
    with translated(reachable), ExitStack() as stack:
        admin = Admin(reachable, stack)
        stack.enter_context(KINDS.following(admin.published_kinds))
        yield admin


@contextmanager
def fleet(settings: Settings | None = None) -> Iterator[Admin]:
    """The fleet that the environment names, or that `leeward up` runs here. Connects to a server when it is first asked something.

    Args:
        settings: a fleet of your own making, in place of the environment's.

    Raises:
        InvalidSettings: the environment cannot be used; every problem is named.
        AddressMissing: a server was asked for that has no address.
        ServerUnreachable, SchemaMissing: from inside the `with`, in place of the servers' own errors.
    """
    with opened(settings or Settings.from_environment()) as admin:
        yield admin


def _url(url: SecretStr | None, server: str, settings: Settings) -> str:
    if url is None:
        raise AddressMissing(server, settings)
    return url.get_secret_value()
