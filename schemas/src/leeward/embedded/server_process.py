"""Starts one server process, waits until it answers, and stops or kills it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from leeward.embedded.death_signal import dies_with_parent
from leeward.embedded.directory_lock import lock_directory
from leeward.embedded.free_port import free_port
from leeward.errors import NotReady

START_LIMIT = timedelta(seconds=30)
STOP_LIMIT = timedelta(seconds=20)
_POLL = timedelta(milliseconds=5)
_PORT_ATTEMPTS = 5
_LOG_TAIL = 2000  # characters


class ServerDidNotStart(NotReady):
    """Raised when an embedded server ended, or did not answer in time, after its start.

    Attributes:
        server: its name.
        log: the end of what it wrote.
    """

    code = "server_did_not_start"

    def __init__(self, server: str, log: str) -> None:
        super().__init__(f"The embedded {server} did not start. The end of its log:\n{log}")
        self.server = server
        self.log = log


@dataclass(kw_only=True)
class ServerProcess:
    """One server of one directory. Not thread-safe. It ends with the thread that started it (see `dies_with_parent`).

    Attributes:
        directory: its own, locked while it runs; holds the lock and the log.
        stop_signal: asks it to end in good order; also sent by the kernel when this process is gone.
        user, group: whose rights it gets, or None for ours.
    """

    name: str
    directory: Path
    stop_signal: signal.Signals
    user: int | None = None
    group: int | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _lock: int = field(default=-1, init=False)

    @property
    def pid(self) -> int | None:
        """None when it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def log(self) -> Path:
        return self.directory / f"{self.name}.log"

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Waits for a predecessor in the directory to end; then it is ours, and the server's that is started inside.

        Raises:
            DirectoryInUse: the predecessor did not end.
        """
        self._lock = lock_directory(self.directory, patience=STOP_LIMIT)
        try:
            yield
        finally:
            os.close(self._lock)  # the server holds its own copy

    def start(self, command: Sequence[str | Path], *, is_ready: Callable[[], bool]) -> None:
        """Starts the server inside `claim` and waits until it is ready.

        Raises:
            ServerDidNotStart: it ended, or was not ready in time.
        """
        self._process = self._spawn(command)
        self._wait_until(is_ready)

    def stop(self) -> None:
        """Asks it to end, and kills it when it does not within `STOP_LIMIT`. Does nothing when it does not run."""
        if self._process is None:
            return
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(STOP_LIMIT.total_seconds())
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, as a crash of the machine would: nothing is flushed, nothing tidied up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _spawn(self, command: Sequence[str | Path]) -> subprocess.Popen[bytes]:
        with suppress(FileNotFoundError):
            self.log.replace(self.log.with_suffix(".log.previous"))
        with self.log.open("wb") as log:
            return subprocess.Popen(
                command,
                cwd=self.directory,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(self._lock,),
                process_group=0,  # a Ctrl-C in the terminal is for the supervisor alone
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                preexec_fn=dies_with_parent(self.stop_signal),  # noqa: PLW1509 # system calls only, looked up before
            )

    def _wait_until(self, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_LIMIT.total_seconds()
        while not is_ready():
            if self.pid is None or time.monotonic() >= deadline:
                self.kill()
                raise ServerDidNotStart(self.name, self._last_words())
            time.sleep(_POLL.total_seconds())

    def _last_words(self) -> str:
        with suppress(OSError):
            return self.log.read_text(errors="replace")[-_LOG_TAIL:]
        return ""


def start_on_a_port(start: Callable[[int], None], port: int | None) -> int:
    """Starts on the given port, or on a free one, and returns it. When another process is faster, tries another one."""
    if port is not None:
        start(port)
        return port
    for _ in range(_PORT_ATTEMPTS - 1):
        chosen = free_port()
        try:
            start(chosen)
        except ServerDidNotStart as failure:
            if "in use" not in failure.log:
                raise
        else:
            return chosen
    return start_on_a_port(start, free_port())
