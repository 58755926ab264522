"""Subprocesses of a test: output kept, signals sent, nothing left behind."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from leeward.embedded.death_signal import dies_with_parent
from tests.support.machine_time import SAMPLE_SECONDS, Patience
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


class RunningProcess:
    """A process in a group of its own, started at once. It dies with pytest, its whole group with `clean_up`."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        """`env` is added to our own environment, from which every LEEWARD_ name is left out."""
        self.log = log
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LEEWARD_")}
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=cwd,
                env=inherited | dict(env or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509 # system calls only, looked up before
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    @property
    def output(self) -> str:
        """All it has written so far, to either stream."""
        return self.log.read_text(errors="replace")

    def wait_for_output(self, text: str, *, timeout: float = 20.0) -> str:
        """Returns the first line that has the text; fails early, with the output, when the process ends without it."""

        def found() -> str | None:
            ended = self.returncode is not None
            line = next((line for line in self.output.splitlines() if text in line), None)
            if line is None and ended:
                raise AssertionError(f"Ended with {self.returncode} and never said {text!r}:\n{self.output}")
            return line

        return wait_until(found, description=f"{text!r} in the output", timeout=timeout) or ""

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, timeout: float = 20.0) -> int:
        """The exit code, once it has ended by itself or by a signal."""
        patience = Patience(timeout)
        while not patience.is_over:
            with suppress(subprocess.TimeoutExpired):
                return self._process.wait(SAMPLE_SECONDS)
        raise AssertionError(f"Still running after {timeout:g} s:\n{self.output}")

    def terminate(self, timeout: float = 20.0) -> int:
        """SIGTERM, then waits for the exit code."""
        self.send(signal.SIGTERM)
        return self.wait(timeout)

    def kill(self) -> None:
        """SIGKILL to this process alone, as an out-of-memory killer would."""
        self._process.kill()
        self._process.wait()

    def clean_up(self) -> None:
        """SIGKILL to the whole group, whatever is left of it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended but was not collected by its parent does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
