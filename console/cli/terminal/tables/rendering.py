"""A listing as lines of text: a table for people, lines with tabs and CSV for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import click

from console.cli.terminal.printable import printable
from console.cli.terminal.tables.cells import exact_text, json_value, table_text
from console.cli.terminal.tables.comma_separated import csv_lines, flat
from console.cli.terminal.tables.drawing import GAP, Heading, drawn
from console.cli.terminal.tables.listing import Column, Listing, Tone
from console.cli.terminal.tables.short_id import short_ids

Row = TypeVar("Row")

_COLOURS: dict[Tone, dict[str, Any]] = {
    Tone.GOOD: {"fg": "green"},
    Tone.WARNING: {"fg": "yellow"},
    Tone.BAD: {"fg": "red"},
    Tone.FAINT: {"dim": True},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How tables are drawn.

    Attributes:
        width: of the terminal, in characters.
        wide: every column, whole texts and exact times, however wide the table becomes.
        colours: whether the terminal has them.
        mark: what takes the place of the rest of a text.
    """

    width: int = 80
    wide: bool = False
    colours: bool = False
    mark: str = "…"

    def styled(self, text: str, tone: Tone) -> str:
        """A text in the colour of its tone."""
        return click.style(text, **_COLOURS[tone]) if self.colours and tone in _COLOURS else text

    def heading(self, text: str) -> str:
        return click.style(text, bold=True) if self.colours else text


def table_lines(listing: Listing[Row], rows: Sequence[Row], look: Look, *, now: datetime) -> list[str]:
    """A table that is as wide as the terminal at most; a paragraph for each row where that is too narrow.

    Args:
        listing: what it consists of.
        rows: in their order.
        look: of the table.
        now: what relative times count from.
    """
    columns = listing.visible(wide=look.wide)
    texts = _texts(columns, rows, look, now)
    headings = [Heading(one.title, cut=one.cut, wrap=one.wrap, right=_are_numbers(one, rows)) for one in columns]
    cells = drawn(headings, texts, width=None if look.wide else look.width, mark=look.mark)
    if cells is None:
        return list(_paragraphs([column.title for column in columns], texts))
    [head], *body = cells
    tones = [[one.tone(row) if one.tone else Tone.PLAIN for one in columns] for row in rows]
    lines = [_line(line, own, look) for row, own in zip(body, tones, strict=True) for line in row]
    return [look.heading(GAP.join(head).rstrip()), *lines]


def tabbed_lines(listing: Listing[Row], rows: Sequence[Row]) -> Iterator[str]:
    """One line a row, tabs between, the names of the columns first."""
    columns = listing.visible(wide=True)
    yield "\t".join(column.title for column in columns)
    for row in rows:
        yield "\t".join(printable(exact_text(column.shown(row))) for column in columns)


def csv_text(listing: Listing[Row], rows: Sequence[Row]) -> Iterator[str]:
    """With the names of JSON; the members of an object are columns of their own, as `ready.bulk`."""
    found = [{one.key: json_value(one.value(row)) for one in listing.columns} for row in rows]
    columns, documents = flat(found)
    yield from csv_lines(columns or [one.key for one in listing.columns], documents)


def _texts(columns: Sequence[Column[Row]], rows: Sequence[Row], look: Look, now: datetime) -> list[list[str]]:
    by_column = []
    for column in columns:
        shown = [column.shown(row) for row in rows]
        texts = [printable(exact_text(one) if look.wide else table_text(one, now)) for one in shown]
        by_column.append(_shortened(texts) if column.short and not look.wide else texts)
    return [list(row) for row in zip(*by_column, strict=True)]


def _shortened(ids: Sequence[str]) -> list[str]:
    known = short_ids(ids)
    return [known[id_] for id_ in ids]


def _are_numbers(column: Column[Row], rows: Sequence[Row]) -> bool:
    found = [value for row in rows if (value := column.shown(row)) is not None]
    return bool(found) and all(isinstance(one, int | float) and not isinstance(one, bool) for one in found)


def _line(cells: Sequence[str], tones: Sequence[Tone], look: Look) -> str:
    *others, last = cells
    styled = [look.styled(cell, tone) for cell, tone in zip([*others, last.rstrip()], tones, strict=True)]
    return GAP.join(styled).rstrip()


def _paragraphs(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        yield from (f"{name}: {cell}" for name, cell in zip(names, row, strict=True))
        yield ""
