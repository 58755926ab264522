"""What jobs leave behind: counted in memory where speed is measured, written to a file at once where a process may be killed."""

import json
import os
from pathlib import Path

RAN: list[int] = []
"""One number per job that ran in this process. Appending is a single step under the interpreter's lock, so threads need no other."""

BOOTED = "booted-"
COUNTED = "counted-"
LINES = "lines"

_folder = Path()


def open_in(folder: str) -> None:
    """Names the folder for this process's files."""
    global _folder  # noqa: PLW0603 # one per worker process, set before its first thread
    _folder = Path(folder)


def announce() -> None:
    """Says that this process is ready."""
    (_folder / f"{BOOTED}{os.getpid()}").touch()


def dump() -> None:
    """Writes down `RAN`."""
    unfinished = _folder / f"unfinished-{os.getpid()}"
    unfinished.write_text(json.dumps(RAN))
    unfinished.rename(_folder / f"{COUNTED}{os.getpid()}")


def write(*numbers: int) -> None:
    """Adds a line to the file of all processes. Short appends are atomic."""
    descriptor = os.open(_folder / LINES, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, (" ".join(map(str, numbers)) + "\n").encode())
    finally:
        os.close(descriptor)
