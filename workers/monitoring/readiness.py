"""Rule: whether a worker host makes progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

FRESH = timedelta(seconds=10)
"""A pulse older than this comes from a process that is stopped or gone."""
HEARD = timedelta(seconds=20)
"""Workers talk to Valkey every few seconds, idle or busy; after this long without an answer they cannot."""
STUCK = timedelta(minutes=15)
"""When no thread has been free and no job has ended for this long, the process is busy with nothing that ends."""

STILL = timedelta(seconds=60)
"""A thread that every job depends on goes round each second; an exchange with Valkey takes some seconds at most."""
STORED = timedelta(seconds=20)
"""A drainer looks at both servers every few seconds; after this long without having reached them it cannot."""
_SERVERS = {"valkey": "Valkey does not answer", "unknown": "see this host's log"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainSign:
    """How the drain of the dead letters is.

    Attributes:
        unfit: why the database cannot be used, in words; None when nothing is known against it.
        away: which server its last attempt missed, as `workers.background.drainer` names them; None when it has not ended.
        quiet: how long ago both servers were last reached.
    """

    unfit: str | None
    away: str | None
    quiet: timedelta

    @property
    def is_well(self) -> bool:
        return self.unfit is None and self.away is None and self.quiet <= STORED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One process's pulse, as ages. `moved` are the threads that every job depends on, by name."""

    pid: int
    threads: int
    busy: int
    written: timedelta
    heard: timedelta
    finished: timedelta
    oldest_job: timedelta
    moved: Mapping[str, timedelta] = field(default_factory=dict)


def problems(signs: Sequence[Sign], *, expected: int) -> list[str]:
    """Why a host is not ready, a sentence each. Empty when it is: every process is alive, hears Valkey and can start or end jobs."""
    fresh = [sign for sign in signs if sign.written <= FRESH]
    found = (
        [f"{len(fresh)} of {expected} worker processes have sent a recent heartbeat"] if len(fresh) < expected else []
    )
    for sign in fresh:
        if sign.heard > HEARD:
            found.append(f"process {sign.pid} has had no answer from Valkey for {sign.heard.total_seconds():.0f} s")
        if sign.busy >= sign.threads and min(sign.finished, sign.oldest_job) > STUCK:
            found.append(
                f"process {sign.pid} is stuck: all {sign.threads} threads are busy and no job has ended for "
                f"{sign.finished.total_seconds():.0f} s"
            )
        found += [
            f"process {sign.pid} is stuck: its thread {name} has not moved for {age.total_seconds():.0f} s"
            for name, age in sign.moved.items()
            if age > STILL
        ]
    return found


def drain_problems(sign: DrainSign) -> list[str]:
    """Why a host that drains is not ready, a sentence each."""
    if sign.unfit is not None:
        return [sign.unfit]
    if sign.quiet <= STORED:
        return []
    why = _SERVERS.get(sign.away or "", "PostgreSQL does not answer")
    return [f"dead letters have not been moved into PostgreSQL for {sign.quiet.total_seconds():.0f} s: {why}"]
