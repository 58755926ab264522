"""A process's own record of what its threads run, on this machine's disk. What is left of it says that the process has ended."""

import fcntl
import itertools
import json
import mmap
import os
import stat
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

HEADER_BYTES = 4096
SLOT_BYTES = 256
LONGEST_ID = SLOT_BYTES - 2
UNKNOWN = 255
"""In place of a length: a job runs whose id has no room here."""

_LENGTHS = [bytes((length,)) for length in range(256)]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Remains:
    """What a record says of a process that has ended.

    Attributes:
        process: `host:pid`, as its leases name it.
        providers: those whose jobs it may have held.
        started: the jobs that its threads ran.
        complete: whether those are all that they ran.
    """

    process: str
    providers: tuple[str, ...]
    started: frozenset[str]
    complete: bool


class _Slot(threading.local):
    """Where this thread writes. None until it first does; 0 where there are more threads than were announced."""

    at: int | None = None


class RunRecord:
    """Locked as long as the process lives: the system lets go of the lock with the process, however that ends.

    Writing down a job costs less than a microsecond and no system call. Room is taken at once, so that a full disk cannot stop a thread.
    """

    def __init__(self, path: Path, descriptor: int, process: str, slots: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._process = process
        self._slots = slots
        self._map = mmap.mmap(descriptor, HEADER_BYTES + slots * SLOT_BYTES)
        self._next_slot = itertools.count()
        self._mine = _Slot()
        self._providers: set[str] = set()
        self._lock = threading.Lock()
        self._is_complete = True
        self._write_header()

    def serve(self, providers: Iterable[str]) -> None:
        """Notes whose jobs this process may hold."""
        with self._lock:
            if not self._providers.issuperset(providers):
                self._providers.update(providers)
                self._write_header()

    def start(self, job_id: str) -> None:
        """Notes that this thread begins with a job."""
        at = self._mine.at
        if at is None:
            at = self._take_slot()
        if not at:
            return
        name = job_id.encode("utf-8", "surrogatepass")
        length = len(name)
        if length <= LONGEST_ID:
            self._map[at : at + 1 + length] = _LENGTHS[length] + name
        else:
            self._map[at] = UNKNOWN

    def end(self) -> None:
        """Notes that this thread is done with its job."""
        if at := self._mine.at:
            self._map[at] = 0

    def close(self) -> None:
        """Takes the record away: whatever the process held, it has given back or settled."""
        self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def _take_slot(self) -> int:
        number = next(self._next_slot)
        at = self._mine.at = HEADER_BYTES + number * SLOT_BYTES if number < self._slots else 0
        if not at:
            with self._lock:
                self._is_complete = False
                self._write_header()
        return at

    def _write_header(self) -> None:
        facts = {
            "process": self._process,
            "providers": sorted(self._providers),
            "slots": self._slots,
            "complete": self._is_complete,
        }
        header = json.dumps(facts).encode()
        if len(header) > HEADER_BYTES:
            header = json.dumps({**facts, "providers": [], "complete": False}).encode()
        self._map[:HEADER_BYTES] = header.ljust(HEADER_BYTES)


def open_record(folder: Path, server: str, process: str, slots: int) -> RunRecord | None:
    """Begins this process's record. None where there can be none: when this process ends, only its leases then show which jobs it had.

    Args:
        folder: for the records of all processes of this user and machine.
        server: a name for the server whose jobs are run, fit for a file's name.
        process: `host:pid`.
        slots: how many threads run jobs.
    """
    try:
        if not is_ours(folder):
            return None
        name = f"{server}-{uuid.uuid4().hex}"
        # No process reads it before it is locked.
        new = folder / f"new-{name}"
        descriptor = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _take_room(descriptor, HEADER_BYTES + slots * SLOT_BYTES)
            record = RunRecord(folder / name, descriptor, process, slots)
            new.rename(record.path)
        except BaseException:
            new.unlink(missing_ok=True)
            os.close(descriptor)
            raise
    except (OSError, ValueError) as error:
        _log.info("no_run_record", folder=str(folder), error=str(error))
        return None
    return record


def _take_room(descriptor: int, size: int) -> None:
    """Raises: OSError: the disk is full. Writing to a mapped file without room would end the process."""
    if os.pwrite(descriptor, bytes(size), 0) < size:
        raise OSError("there is no room for a record")


def is_ours(folder: Path) -> bool:
    """Makes the folder where it is missing. False where others could have written what is in it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def read_remains(data: bytes) -> Remains | None:
    """What a record says. None for one that cannot be read."""
    try:
        header = json.loads(data[:HEADER_BYTES])
        process, providers = str(header["process"]), tuple(map(str, header["providers"]))
        slots, complete = int(header["slots"]), bool(header["complete"])
    except (ValueError, KeyError, TypeError):
        return None
    started = set()
    for at in range(HEADER_BYTES, HEADER_BYTES + slots * SLOT_BYTES, SLOT_BYTES):
        length = data[at] if at < len(data) else 0
        if length == UNKNOWN:
            complete = False
        elif length:
            started.add(data[at + 1 : at + 1 + length].decode("utf-8", "surrogatepass"))
    return Remains(process, providers, frozenset(started), complete)
