"""Worker processes under the stock `dramatiq` command: started, stopped for a moment, asked for their counts, killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from bench.process_table import is_stopped, rss_bytes
from bench.systems import System
from bench.waiting import NeverHappened, wait_for
from bench.worker import inside, trace
from leeward.embedded.death_signal import dies_with_parent

ROOT = Path(__file__).resolve().parents[1]
BOOT_SECONDS = 30.0


class WorkersDidNotBoot(Exception):
    """Raised when worker processes ended, or were not ready in time, after their start.

    Attributes:
        log: the end of what they said.
    """

    def __init__(self, log: str) -> None:
        super().__init__(f"The workers did not boot. Their last words:\n{log}")
        self.log = log


class Fleet:
    """One `dramatiq` command with its worker processes, in a process group of its own. A context manager; leaving it kills all of them."""

    def __init__(
        self,
        system: System,
        *,
        url: str,
        queues: Sequence[str],
        folder: Path,
        processes: int = 2,
        threads: int = 8,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """`folder` is new, for this fleet's files; `env` is added to the system's."""
        folder.mkdir()
        self.folder = folder
        self._processes = processes
        self._killed = False
        given = {inside.URL: url, inside.QUEUES: ",".join(queues), inside.FOLDER: str(folder)}
        command = [sys.executable, "-m", "dramatiq", system.worker_module, "-p", str(processes), "-t", str(threads)]
        with self._log.open("wb") as log:
            self._master = subprocess.Popen(
                command,
                cwd=ROOT,
                env=_clean_environment() | dict(system.env) | dict(env or {}) | given,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509 # system calls only, looked up before
            )
        self.workers: list[int] = []

    def __enter__(self) -> Self:
        try:
            wait_for(self._has_booted, "the workers to boot", limit_seconds=BOOT_SECONDS)
        except NeverHappened as late:
            self.kill()
            raise WorkersDidNotBoot(self._last_words) from late
        except BaseException:
            self.kill()
            raise
        self.workers = sorted(int(path.name.removeprefix(trace.BOOTED)) for path in self._booted())
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """SIGKILL to every process. The second time it does nothing."""
        if self._killed:
            return
        self._killed = True
        with suppress(ProcessLookupError):
            os.killpg(self._master.pid, signal.SIGKILL)
        self._master.wait()

    def stop(self) -> None:
        """Halts every thread where it is (SIGSTOP), so that a backlog can grow in front of workers that are up and warm."""
        os.killpg(self._master.pid, signal.SIGSTOP)
        wait_for(lambda: all(map(is_stopped, self.workers)), "the workers to stop")

    def go_on(self) -> None:
        """Ends `stop`."""
        os.killpg(self._master.pid, signal.SIGCONT)

    def counted(self) -> list[int]:
        """What the jobs have noted in the memory of the workers so far, of all processes together."""
        for path in self.folder.glob(f"{trace.COUNTED}*"):
            path.unlink()
        for pid in self.workers:
            os.kill(pid, signal.SIGUSR1)
        wait_for(lambda: len(self._counts()) == len(self.workers), "the workers to write down their counts")
        return [number for path in self._counts() for number in json.loads(path.read_text())]

    def lines(self) -> list[list[int]]:
        """What the jobs have written to the file."""
        with suppress(FileNotFoundError):
            text = (self.folder / trace.LINES).read_text()
            return [[int(number) for number in line.split()] for line in text.splitlines()]
        return []

    def rss_bytes(self) -> int:
        """Resident memory of the worker processes together."""
        return sum(map(rss_bytes, self.workers))

    @property
    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _booted(self) -> list[Path]:
        return list(self.folder.glob(f"{trace.BOOTED}*"))

    def _counts(self) -> list[Path]:
        return list(self.folder.glob(f"{trace.COUNTED}*"))

    def _has_booted(self) -> bool:
        if self._master.poll() is not None:
            raise WorkersDidNotBoot(self._last_words)
        return len(self._booted()) == self._processes


def _clean_environment() -> dict[str, str]:
    """Ours without what would change either system's defaults."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("dramatiq_", "LEEWARD_"))}
