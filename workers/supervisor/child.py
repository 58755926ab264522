"""One supervised process: started, noticed when it ends, due again after its delay."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import structlog

from workers.embedded.death_signal import dies_with_parent
from workers.supervisor.backoff import Backoff
from workers.supervisor.spec import ProcessSpec

log = structlog.get_logger(__name__)


class CannotStart(Exception):
    """Raised when a process cannot be started even once.

    Attributes:
        name: the process's name in its supervisor.
    """

    def __init__(self, spec: ProcessSpec, cause: OSError) -> None:
        super().__init__(f"The process {spec.name} cannot be started: {cause}. Its command is: {' '.join(spec.argv)}")
        self.name = spec.name


class Child:
    """Keeps to one thread, which must live as long as the process shall.

    The process leads a group of its own: a Ctrl-C at the terminal reaches it only through the supervisor, and what it
    started itself is killed with it.

    Attributes:
        due: when to start it, on `clock`; None while it runs.
        was_ready: whether it has ever been ready; stays true over restarts.
    """

    def __init__(self, spec: ProcessSpec, backoff: Backoff, clock: Callable[[], float] = time.monotonic) -> None:
        self.spec = spec
        self.due: float | None = clock()
        self.was_ready = False
        self._backoff = backoff
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._early_ends = 0

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def tend(self) -> None:
        """Notices an end, starts what is due, and asks whether it is ready.

        Raises:
            CannotStart: at the first attempt only; later ones are tried again.
        """
        if self.due is None and not self.is_running:
            self._note_end()
        if self.due is not None and self._clock() >= self.due:
            self._start()
        if not self.was_ready and self.is_running:
            self.was_ready = self.spec.is_ready is None or self.spec.is_ready()

    def terminate(self) -> None:
        """SIGTERM: it may finish what it has begun."""
        if self._process is not None and self.is_running:
            log.info("process_stopping", process=self.spec.name, pid=self._process.pid)
            self._process.terminate()

    def kill(self) -> None:
        """SIGKILL for it and all that it started, and waits until it is gone."""
        if self._process is not None:
            log.warning("process_killed", process=self.spec.name, pid=self._process.pid)
            self._kill_group()
            self._process.wait()

    def _start(self) -> None:
        first = self._process is None
        try:
            self._process = self._spawn()
        except OSError as cause:
            if first:
                raise CannotStart(self.spec, cause) from cause
            log.exception("process_not_started", process=self.spec.name)
            self._schedule(ran_for=timedelta(0))
        else:
            self._started, self.due = self._clock(), None
            log.info("process_started", process=self.spec.name, pid=self._process.pid)

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.spec.argv,
            env=self.spec.env,
            cwd=self.spec.cwd,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 # system calls only, looked up before
        )

    def _note_end(self) -> None:
        if self._process is None:
            return
        self._kill_group()  # what it left behind would run beside its successor
        ran_for = timedelta(seconds=self._clock() - self._started)
        log.warning(
            "process_ended",
            process=self.spec.name,
            pid=self._process.pid,
            exit_code=self._process.returncode,
            ran_for_seconds=round(ran_for.total_seconds(), 3),
        )
        self._schedule(ran_for=ran_for)

    def _schedule(self, *, ran_for: timedelta) -> None:
        self._early_ends = self._backoff.early_ends(self._early_ends, ran_for=ran_for)
        delay = self._backoff.delay(self._early_ends)
        self.due = self._clock() + delay.total_seconds()
        log.info("process_restarting", process=self.spec.name, in_seconds=delay.total_seconds())

    def _kill_group(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
