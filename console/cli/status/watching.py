"""The same answer again and again, on a terminal in the same place."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

from console.cli.terminal.stdout import write

Found = TypeVar("Found")

CLEAR = "\x1b[H\x1b[2J\x1b[3J"


def watching(ask: Callable[[], Found], every: timedelta, *, clear: bool) -> Iterator[Found]:
    """What is asked, every so often; the screen is cleared before each answer but not before it is there. Ends with Ctrl-C."""
    while True:
        found = ask()
        if clear:
            write(CLEAR, newline=False)
        yield found
        time.sleep(every.total_seconds())
