"""Standard output: what is written to it, and what its terminal can show."""

import os
import sys

import click

WIDTH = 80
"""Of a terminal that does not say its own."""


class ReaderGone(Exception):
    """Raised when the reader has closed standard output."""


def write(text: str, *, newline: bool = True) -> None:
    """Writes a piece of an answer.

    Raises:
        ReaderGone: the reader has closed it.
    """
    try:
        click.echo(text, nl=newline)
    except BrokenPipeError:
        # click ends the process with code 1 when it sees this error itself.
        raise ReaderGone from None


def is_terminal() -> bool:
    """Whether a person reads it."""
    return sys.stdout.isatty()


def is_lower_than(lines: int) -> bool:
    """Whether a person reads it who can turn pages, and so many lines are more than the terminal shows at once.

    False for a terminal that does not say its height, as a serial console: a pager would wait there at its first line.
    """
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        return False
    _, height = os.get_terminal_size(sys.stdout.fileno())
    return 0 < height <= lines


def width() -> int:
    """Of the terminal in characters; `COLUMNS` takes precedence."""
    chosen = os.environ.get("COLUMNS", "")
    if chosen.isdecimal() and int(chosen):
        return int(chosen)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


def has_colours() -> bool:
    """Whether the terminal shows colours, and the person wants them."""
    return is_terminal() and os.environ.get("TERM", "") not in {"", "dumb"} and not os.environ.get("NO_COLOR")


def has_blocks() -> bool:
    """Whether block characters and `…` can be shown: the encoding has them, and the terminal is more than the simplest."""
    return (sys.stdout.encoding or "").lower().startswith("utf") and os.environ.get("TERM") != "dumb"
