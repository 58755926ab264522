"""Steps about the servers, the queues and the providers."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from leeward.actions.action import Action


@dataclass(frozen=True, slots=True)
class CheckInstallation(Action):
    """Look at the configuration, the servers and the providers."""

    kind: ClassVar[str] = "check"


@dataclass(frozen=True, slots=True)
class MigrateDatabase(Action):
    """Bring the database to this release's schema."""

    kind: ClassVar[str] = "migrate"
    changes: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class ListExtensions(Action):
    """Look at the extensions that are installed, and at which workers run them."""

    kind: ClassVar[str] = "list_extensions"


@dataclass(frozen=True, slots=True)
class ListQueues(Action):
    """Look at every queue."""

    kind: ClassVar[str] = "list_queues"


@dataclass(frozen=True, slots=True)
class ListSchedules(Action):
    """Look at every periodic actor."""

    kind: ClassVar[str] = "list_schedules"


@dataclass(frozen=True, slots=True)
class ResumeQueue(Action):
    """Hand a queue's jobs out again."""

    kind: ClassVar[str] = "resume_queue"
    changes: ClassVar[bool] = True
    queue: str


@dataclass(frozen=True, slots=True)
class RetireQueue(Action):
    """Make dead letters of the jobs in a queue that will have no worker again."""

    kind: ClassVar[str] = "retire_queue"
    changes: ClassVar[bool] = True
    queue: str


@dataclass(frozen=True, slots=True)
class ListJobs(Action):
    """Look at the jobs that wait in a queue."""

    kind: ClassVar[str] = "list_jobs"
    queue: str


@dataclass(frozen=True, slots=True)
class ListWorkers(Action):
    """Look at the worker processes."""

    kind: ClassVar[str] = "list_workers"


@dataclass(frozen=True, slots=True)
class StartFleet(Action):
    """Start servers, workers and a scheduler on this machine."""

    kind: ClassVar[str] = "start_fleet"
    changes: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class StartWorker(Action):
    """Start a worker host."""

    kind: ClassVar[str] = "start_worker"
    changes: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class StartScheduler(Action):
    """Start a scheduler."""

    kind: ClassVar[str] = "start_scheduler"
    changes: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class ListProviders(Action):
    """Look at every provider."""

    kind: ClassVar[str] = "list_providers"


@dataclass(frozen=True, slots=True)
class ShowProvider(Action):
    """Look at one provider: its circuit, its limits, what happened lately."""

    kind: ClassVar[str] = "show_provider"
    provider: str


@dataclass(frozen=True, slots=True)
class EnableProvider(Action):
    """Switch a provider on that is switched off."""

    kind: ClassVar[str] = "enable_provider"
    changes: ClassVar[bool] = True
    provider: str


@dataclass(frozen=True, slots=True)
class ResumeProvider(Action):
    """Let a provider's circuit decide again, which an operator has paused or forced."""

    kind: ClassVar[str] = "resume_provider"
    changes: ClassVar[bool] = True
    provider: str


@dataclass(frozen=True, slots=True)
class ProbeProvider(Action):
    """Have a worker look at a provider's health now."""

    kind: ClassVar[str] = "probe_provider"
    changes: ClassVar[bool] = True
    provider: str


@dataclass(frozen=True, slots=True)
class SetGuards(Action):
    """Change numbers of a provider's guards for the whole fleet.

    Attributes:
        numbers: names and values as people write them.
    """

    kind: ClassVar[str] = "set_guards"
    changes: ClassVar[bool] = True
    provider: str
    numbers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WaitFor(Action):
    """Nothing is to be done until a provider takes jobs again.

    Attributes:
        until: when that is expected; None when it is unknown.
    """

    kind: ClassVar[str] = "wait_for"
    provider: str
    until: datetime | None = None
