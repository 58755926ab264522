"""Servers that are stopped in the middle of everything: their machine still confirms what it gets, and nobody answers."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """SIGSTOP for a process and all below it, SIGCONT at the end. The parent first: it starts no further ones."""
    stopped: list[int] = []
    try:
        _stop(pid, stopped)
        yield
    finally:
        for one in stopped:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


def _stop(pid: int, stopped: list[int]) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        stopped.append(pid)
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            _stop(int(child), stopped)
