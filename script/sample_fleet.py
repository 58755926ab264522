"""A fleet in the night, for docs/screens.md: Jellyfin refuses the credentials, a mailbox is full, two workers are busy."""

from datetime import UTC, datetime, timedelta

from broker.fleet.queues import QueueState
from leeward.actions import ProbeProvider, ShowGroup, ShowProvider
from leeward.jobs.priority import Priority
from leeward_admin import (
    Condition,
    FleetStatus,
    Need,
    OpenLetters,
    ProviderStatus,
    QueueStatus,
    Urgency,
    WorkerStatus,
)

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
REFUSED = (
    "2 probes failed: JELLYFIN_AUTH_FAILURE: Jellyfin answered 401: the API key is wrong or was revoked;"
    " make a new one in the dashboard"
)


def _provider(
    name: str, condition: Condition, *, waiting: int, running: int = 0, scheduled: int = 0, why: str = ""
) -> ProviderStatus:
    until = NOW + timedelta(minutes=4) if condition is Condition.CIRCUIT_OPEN else None
    return ProviderStatus(
        provider=name,
        condition=condition,
        why=why,
        until=until,
        waiting=waiting,
        scheduled=scheduled,
        running=running,
        limit=10,
    )


def _queue(
    name: str, *, waiting: int, oldest: timedelta | None, arrivals: float, ended: float, internal: bool = False
) -> QueueStatus:
    return QueueStatus(
        queue=name,
        provider=name.partition(".")[2] or name,
        state="active",
        waiting=waiting,
        lanes={"interactive": 0, "normal": waiting, "bulk": 0},
        oldest_at=oldest and NOW - oldest,
        arrivals_per_minute=arrivals,
        ended_per_minute=ended,
        internal=internal,
    )


def _worker(host: str, pid: int, *, busy: int, state: str = "working", seen: int = 4) -> WorkerStatus:
    return WorkerStatus(
        process=f"{host}:{pid}",
        host=host,
        pid=pid,
        release="0.1.0",
        queues=("download.http", "email.smtp", "sync.jellyfin"),
        threads=8,
        busy=busy,
        oldest=timedelta(seconds=11) if busy else None,
        up=timedelta(days=3),
        seen_at=NOW - timedelta(seconds=seen),
        state=state,
    )


WORKERS = (
    _worker("media-1", 4121, busy=2),
    _worker("media-1", 4122, busy=1),
    _worker("media-2", 901, busy=1, state="draining"),
    _worker("media-2", 902, busy=8, state="silent", seen=95),
)
STATUS = FleetStatus(
    at=NOW,
    providers=(
        _provider("http", Condition.OBSERVED, waiting=6, running=3, scheduled=11, why=Condition.OBSERVED.without_cause),
        _provider("jellyfin", Condition.CIRCUIT_OPEN, waiting=312, scheduled=2, why=REFUSED),
        _provider("smtp", Condition.WORKING, waiting=0, running=1, scheduled=48),
    ),
    queues=(
        _queue("download.http", waiting=6, oldest=timedelta(seconds=20), arrivals=14.0, ended=15.5),
        _queue("expiry", waiting=0, oldest=None, arrivals=0.0, ended=0.2, internal=True),
        _queue("probes", waiting=0, oldest=None, arrivals=0.0, ended=3.0, internal=True),
        _queue("sync.jellyfin", waiting=312, oldest=timedelta(minutes=52), arrivals=6.0, ended=0.0),
        _queue("email.smtp", waiting=0, oldest=None, arrivals=3.0, ended=3.0),
    ),
    workers=WORKERS,
    schedulers=1,
    periodic=3,
    open_letters=OpenLetters(letters=68, groups=2, last_seen=NOW - timedelta(minutes=2)),
    needs=(
        Need(
            urgency=Urgency.PROBLEM,
            subject="jellyfin",
            text=f"circuit open: 312 jobs wait; {REFUSED}",
            actions=(ShowProvider("jellyfin"), ProbeProvider("jellyfin")),
        ),
        Need(
            urgency=Urgency.WARNING,
            subject="workers",
            text="media-2:902 has said nothing for 1m: it was killed, or cannot reach Valkey",
        ),
        Need(
            urgency=Urgency.WARNING,
            subject="dead letters",
            text="48 open: smtp: Permanent: the mail server answered 552: <number> Mailbox full",
            actions=(ShowGroup("2dc9f3a50b8e4c27"),),
        ),
        Need(
            urgency=Urgency.WARNING,
            subject="dead letters",
            text="20 open: http: Permanent: <url>: answered 404",
            actions=(ShowGroup("2a6de2f0c913b577"),),
        ),
    ),
)
_READY = {Priority.INTERACTIVE: 0, Priority.NORMAL: 6, Priority.BULK: 0}
QUEUES = (
    QueueState("download.http", "http", False, _READY, 11, 3, 0),
    QueueState("email.smtp", "smtp", False, _READY | {Priority.NORMAL: 0}, 48, 1, 0),
    QueueState("sync.jellyfin", "jellyfin", True, _READY | {Priority.NORMAL: 312}, 2, 0, 0),
)
