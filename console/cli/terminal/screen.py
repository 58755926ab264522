"""Where a command's answer goes: tables for people on a terminal, plain text in a pipe, JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ParamSpec, TypeVar

import click

from console.cli.terminal.printable import printable, printable_lines

NARROW = 60
"""Below this width a table shows a record per paragraph; so does one of many columns that would be narrower than `READABLE`."""
READABLE = 12
_GAP = 2

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")


class ReaderGone(Exception):
    """Raised when the reader has closed standard output."""


class Screen:
    """One command's output: answers on standard output, remarks on standard error.

    Attributes:
        as_json: the answer is for a program: JSON, and nothing else on standard output.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @property
    def is_for_people(self) -> bool:
        """Whether the answer goes to a terminal."""
        return not self.as_json and sys.stdout.isatty()

    @property
    def shows_blocks(self) -> bool:
        """Whether block characters can be shown: the encoding has them, and the terminal is more than the simplest."""
        from rich.console import Console

        console = Console()
        return console.encoding.lower().startswith("utf") and not console.is_dumb_terminal

    def document(self, document: Any) -> None:
        """The whole answer as one JSON document."""
        _write(json.dumps(document, indent=2))

    def record(self, record: Any) -> None:
        """A part of a streamed answer, as a line of JSON."""
        _write(json.dumps(record))

    def line(self, text: str) -> None:
        """A line of the answer."""
        _write(printable(text))

    def row(self, *cells: object) -> None:
        """A line of short texts of a streamed answer; piped with tabs between."""
        _write(("  " if self.is_for_people else "\t").join(printable(_shown(cell)) for cell in cells))

    def text(self, text: str) -> None:
        """Several lines of the answer."""
        _write(printable_lines(text))

    def remark(self, text: str) -> None:
        """Something for people that is not the answer."""
        click.echo(printable(text), err=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Rows of short texts. Piped: one line a row, tabs between, the names of the columns first."""
        safe = [[printable(_shown(cell)) for cell in row] for row in rows]
        if not self.is_for_people:
            for row in [list(columns), *safe]:
                _write("\t".join(row))
        elif _width() < max(NARROW, _least_width(columns, safe)):
            for row in safe:
                _write("\n".join(f"{name}: {cell}" for name, cell in zip(columns, row, strict=True)) + "\n")
        else:
            _drawn(columns, safe)


def output(command: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Gives a command the option `--json` and the argument `screen`."""
    return click.option(
        "--json",
        "screen",
        is_flag=True,
        callback=lambda _context, _option, chosen: Screen(as_json=chosen),
        help="Answer in JSON.",
    )(command)


def _shown(cell: object) -> object:
    return "-" if cell is None or cell == "" else cell


def write_raw(text: str) -> None:
    """A piece of an answer that is a file for other programs, as it is.

    Raises:
        ReaderGone: the reader has closed it.
    """
    _write(text, newline=False)


def _write(text: str, *, newline: bool = True) -> None:
    try:
        click.echo(text, nl=newline)
    except BrokenPipeError:
        # click ends the process with code 1 when it sees this error itself.
        raise ReaderGone from None


def _width() -> int:
    from rich.console import Console

    return Console().width


def _least_width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """What a table needs to be read: its first column is never broken, for it names the row and is there to be copied."""
    first, *others = (max(map(len, cells)) for cells in zip(columns, *rows, strict=True))
    return min(first, NARROW) + sum(min(width, READABLE) + _GAP for width in others)


def _drawn(columns: Sequence[str], rows: list[list[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP - 1, 0, 0), show_edge=False)
    for position, name in enumerate(columns):
        table.add_column(name, overflow="fold", no_wrap=position == 0)
    for row in rows:
        # Text, not markup: what jobs bring along must not style our screen.
        table.add_row(*(Text(cell) for cell in row))
    console = Console()
    console.print(table)
    console.print()
