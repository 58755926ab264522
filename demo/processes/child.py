"""A process of the demonstration: in its own process group, so that Ctrl-C reaches it only through us, and it ends with us."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO, Self

from leeward.embedded.death_signal import dies_with_parent

ROOT = Path(__file__).resolve().parents[2]
STOP_LIMIT = timedelta(seconds=20)


class Child:
    """Started at once; leaving the context stops it. To be started by the main thread, which lives as long as it shall."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str],
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        with log.open("ab") as stream:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
                process_group=0,
                preexec_fn=dies_with_parent(stop_signal),  # noqa: PLW1509 # system calls only, looked up before
            )

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def tell(self, text: str) -> None:
        """Gives it this on its standard input, and no more."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError), self._process.stdin as stream:
            stream.write(text)

    @property
    def answers(self) -> IO[str]:
        """Its standard output."""
        assert self._process.stdout is not None
        return self._process.stdout

    def last_words(self) -> str:
        """The last line that it wrote to standard error."""
        return next(filter(str.strip, self.log.read_text(errors="replace").splitlines()[::-1]), "it printed nothing")

    def wait(self) -> int:
        return self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Asks it to end, waits, and kills what is left of its group."""
        self._process.send_signal(self._stop_signal)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_LIMIT.total_seconds())
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
