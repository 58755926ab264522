"""The numbers of a worker process's session with Valkey."""

import os
import socket
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


def _records() -> Path:
    return Path(tempfile.gettempdir()) / f"leeward-{os.getuid()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a worker process leases, settles and waits.

    Attributes:
        lease: how long a job stays with a worker that has gone silent. Live workers renew every third of it.
        outcome_kept: how long `status` and `result` know a job that has ended.
        crash_limit: expired leases in a row after which a job is dead with reason `crash_loop`.
        gather: how long the committer waits for more outcomes before it settles what it has.
        sweep: how often a worker looks by itself, for wake-ups that were lost and leases that expired.
        records: the folder where processes of this machine write down what they run, so that one that ends without a word is found out at
            once (`broker.crashes.run_record`); None for no records. Must be local to the machine.
        host: the machine's name, its own by default. Processes of one host count as one witness when a provider seems to fail.

    Raises:
        ValueError: a number that cannot work.
    """

    lease: timedelta = timedelta(seconds=15)
    outcome_kept: timedelta = timedelta(minutes=15)
    crash_limit: int = 3
    gather: timedelta = timedelta(milliseconds=1)
    sweep: timedelta = timedelta(seconds=4)
    records: Path | None = field(default_factory=_records)
    host: str = field(default_factory=socket.gethostname)

    def __post_init__(self) -> None:
        if self.lease < timedelta(milliseconds=300):
            raise ValueError(f"a lease of {self.lease} cannot be renewed in time: use at least 300 ms")
        if self.crash_limit < 1:
            raise ValueError("crash_limit is how many crashes make a crash loop: at least 1")
        if self.outcome_kept <= timedelta(0):
            raise ValueError("outcome_kept must be longer than nothing")
        if not self.host or any(character.isspace() for character in self.host):
            raise ValueError(f"{self.host!r} is not a host name: it must not be empty or have spaces")
