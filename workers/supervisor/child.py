"""A supervised process of ours: started, noticed when it ends, started again after its delay."""

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress

import structlog

from leeward.embedded.death_signal import dies_with_parent
from leeward.errors import NotReady, Unusable
from workers.supervisor.restarts import Restarts
from workers.supervisor.spec import ProcessSpec

UNUSABLE = 78
"""The exit code of a process that cannot use what is installed or configured (EX_CONFIG of sysexits.h)."""

log = structlog.get_logger(__name__)


class CannotStart(NotReady):
    """Raised when a process cannot be started even once.

    Attributes:
        name: the process's name in its supervisor.
    """

    code = "process_did_not_start"

    def __init__(self, spec: ProcessSpec, cause: OSError) -> None:
        super().__init__(f"The process {spec.name} cannot be started: {cause}. Its command is: {' '.join(spec.argv)}")
        self.name = spec.name


class CannotRun(Unusable):
    """Raised when a process has ended with `UNUSABLE`: to start it again would change nothing.

    Attributes:
        name: the process's name in its supervisor.
    """

    code = "process_cannot_run"

    def __init__(self, spec: ProcessSpec) -> None:
        super().__init__(f"{spec.name} cannot run with what is installed and configured: its own message says why")
        self.name = spec.name


class Child:
    """The process leads a group of its own: a Ctrl-C at the terminal reaches it only through the supervisor, and what it started itself
    is killed with it.
    """

    def __init__(self, spec: ProcessSpec, restarts: Restarts, on_end: Callable[[], None] = lambda: None) -> None:
        """`on_end` is called after each unexpected end."""
        self.was_ready = False
        self._spec = spec
        self._restarts = restarts
        self._on_end = on_end
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def due(self) -> float | None:
        return self._restarts.due

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def tend(self) -> None:
        if self.due is None and not self.is_running:
            self._note_end()
        if self._restarts.is_due:
            self._start()
        if not self.was_ready and self.is_running:
            self.was_ready = self._spec.is_ready is None or self._spec.is_ready()

    def terminate(self) -> None:
        if self._process is not None and self.is_running:
            log.info("process_stopping", process=self._spec.name, pid=self._process.pid)
            self._process.terminate()

    def kill(self) -> None:
        if self._process is not None:
            log.warning("process_killed", process=self._spec.name, pid=self._process.pid)
            self._kill_group(self._process)
            self._process.wait()

    def _start(self) -> None:
        try:
            self._process = self._spawn()
        except OSError as cause:
            if self._process is None:
                raise CannotStart(self._spec, cause) from cause
            log.exception("process_not_started", process=self._spec.name)
            self._restarts.note_failed_start()
        else:
            self._restarts.note_start()
            log.info("process_started", process=self._spec.name, pid=self._process.pid)

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._spec.argv,
            env=self._spec.env,
            cwd=self._spec.cwd,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 # system calls only, looked up before
        )

    def _note_end(self) -> None:
        if self._process is not None:
            self._kill_group(self._process)  # what it left behind would run beside its successor
            if self._process.returncode == UNUSABLE:
                raise CannotRun(self._spec)
            self._restarts.note_end(pid=self._process.pid, exit_code=self._process.returncode)
            self._on_end()

    @staticmethod
    def _kill_group(process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
