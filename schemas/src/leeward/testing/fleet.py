"""Runs the jobs of an extension through everything that a fleet puts around them, in the process of a test.

    def test_a_badge_is_revoked(controller):
        with fleet_with(extension, {"doors": {"url": controller.url, "token": "t"}}) as fleet:
            ended = fleet.run(RevokeBadge(person="alice"))
        assert ended.result == {"revoked": 1}

A Valkey of its own is started for it. It needs the fleet's package, with its embedded servers, in the environment of the tests.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any, Protocol

from leeward.client import Leeward
from leeward.extension import Event, Extension, Periodic
from leeward.jobs.job import Job
from leeward.status import JobState

Providers = Mapping[str, Mapping[str, Any]]
"""Instance -> what its table in `leeward.toml` has."""
TIMEOUT = timedelta(seconds=30)


class FleetNotInstalled(ImportError):
    """Raised where the package of the fleet, or its embedded servers, cannot be imported."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that has ended.

    Attributes:
        kind: its actor: the kind of a job, or the name of a periodic actor or handler.
        provider: the instance that it was for.
        job: what it was; None of a tick, an event, and a payload that was refused. Its secrets are shown as stars.
        state: done or dead.
        result: what the actor returned, as JSON.
        reason: why it is dead, as `exhausted` or `permanent`; None of one that is done.
        error: what its dead letter says: `type`, `message`, `operation`, ...
    """

    job_id: str
    kind: str
    provider: str
    job: Job | None
    state: JobState
    result: Any = None
    reason: str | None = None
    error: Mapping[str, Any] | None = None


class FleetUnderTest(Protocol):
    """A worker with several threads, the rings, guards and circuits of the instances, and a Valkey. Between attempts there are no pauses.

    Attributes:
        client: enqueues for it.
        url: of its Valkey, for a service that runs in a process of its own.
    """

    @property
    def client(self) -> Leeward: ...
    @property
    def url(self) -> str: ...

    def run(self, job: Job, *, idempotency_key: str | None = None, timeout: timedelta = TIMEOUT) -> Ended:
        """Enqueues a job and waits for its end.

        Raises:
            TimeoutError: it has not ended in time; the message says where it is.
        """

    def run_all(self, *, timeout: timedelta = TIMEOUT) -> None:
        """Waits until no job waits or runs.

        Raises:
            TimeoutError: there are still some; the message names them.
        """

    def tick(
        self, periodic: Periodic[..., Any], *, instance: str | None = None, timeout: timedelta = TIMEOUT
    ) -> list[Ended]:
        """Runs a periodic actor now, at one instance or at all of them, and everything that it enqueues. Returns how the ticks ended.

        Raises:
            TimeoutError: as for `run_all`.
        """

    def emit(self, event: str, *, timeout: timedelta = TIMEOUT, **data: Any) -> list[Ended]:
        """Sends an event and runs its handlers, and everything that they enqueue. Returns how the handlers' jobs ended.

        Raises:
            TimeoutError: as for `run_all`.
        """

    def ended(self, kind: str | None = None) -> list[Ended]:
        """The jobs that have ended, of one kind or all of them, in their order."""

    def events(self, name: str | None = None) -> list[Event]:
        """The events that were emitted, of one type or all of them: by jobs, and by circuits that changed."""


def fleet_with(
    extensions: Extension | Iterable[Extension], providers: Providers, *, threads: int = 2
) -> AbstractContextManager[FleetUnderTest]:
    """A fleet with these extensions and no others.

    Args:
        extensions: one, or several.
        providers: the instances, by name, as in `leeward.toml`: `{"acme-eu": {"type": "acme", "url": server.url, "api_key": "k"}}`.
        threads: of its worker.

    Raises:
        FleetNotInstalled: the fleet's package, or its embedded servers, are not installed.
        Exception: an extension cannot be used, or the settings of an instance are invalid; the message says why.
    """
    try:
        # The fleet's package, by name: the contract does not depend on it.
        fleet = import_module("workers.testing.fleet")
    except ImportError as error:
        raise FleetNotInstalled(
            "leeward.testing runs jobs with the fleet's own code, which is not installed here "
            f"({error}); install leeward-fleet[embedded] in the environment of the tests"
        ) from error
    brought = (extensions,) if isinstance(extensions, Extension) else tuple(extensions)
    running: AbstractContextManager[FleetUnderTest] = fleet.running_fleet(brought, providers, threads=threads)
    return running


__all__ = ["Ended", "FleetNotInstalled", "FleetUnderTest", "Providers", "fleet_with"]
