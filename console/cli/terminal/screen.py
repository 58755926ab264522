"""Where a command's answer goes: tables for people on a terminal, plain text in a pipe, JSON and CSV for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import click

from console.cli.terminal import stdout
from console.cli.terminal.printable import printable, printable_lines
from console.cli.terminal.stdout import write
from console.cli.terminal.tables.cell_width import cell_width
from console.cli.terminal.tables.cells import exact_text, json_value
from console.cli.terminal.tables.drawing import GAP, wrapped
from console.cli.terminal.tables.listing import Column, Listing, Tone
from console.cli.terminal.tables.rendering import Look, csv_text, tabbed_lines, table_lines

Row = TypeVar("Row")


class Form(StrEnum):
    """How an answer is written."""

    AUTO = "auto"
    """A table on a terminal, lines with tabs in a pipe."""
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Screen:
    """One command's output: answers on standard output, remarks on standard error.

    Args:
        form: of the answer.
        wide: tables show every column, whole texts and exact times, however wide they become.
        pages: a table that is higher than the terminal is shown a page at a time.
    """

    def __init__(self, form: Form = Form.AUTO, *, wide: bool = False, pages: bool = True) -> None:
        self.form = form
        self.wide = wide
        self._pages = pages

    @property
    def as_json(self) -> bool:
        """Whether the answer is for a program: JSON, and nothing else on standard output."""
        return self.form is Form.JSON

    @property
    def is_for_programs(self) -> bool:
        """Whether the answer is JSON or CSV: then there are no remarks about what it shows."""
        return self.form in {Form.JSON, Form.CSV}

    @property
    def is_for_people(self) -> bool:
        """Whether the answer is drawn for a person."""
        return self.form is Form.TABLE or (self.form is Form.AUTO and stdout.is_terminal())

    @property
    def shows_blocks(self) -> bool:
        """Whether block characters can be shown."""
        return stdout.has_blocks()

    @property
    def width(self) -> int:
        """Of the terminal, in characters."""
        return stdout.width()

    def document(self, document: Any) -> None:
        """The whole answer as one JSON document."""
        write(json.dumps(document, indent=2))

    def record(self, record: Any) -> None:
        """A part of a streamed answer, as a line of JSON."""
        write(json.dumps(record))

    def line(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """A line of the answer."""
        write(self._look().styled(printable(text), tone))

    def paragraph(self, text: str, tone: Tone = Tone.PLAIN, *, after: str = "") -> None:
        """Words of the answer, which a terminal shows on as many lines as they need; `line` is for what is copied as a whole.

        Args:
            text: the words.
            tone: of all its lines.
            after: what stands before the first line; the others begin below its end.
        """
        room = self.width - cell_width(after)
        first, *rest = wrapped(printable(text), room) if self.is_for_people and not self.wide and room > 0 else [text]
        self.line(f"{after}{first}", tone)
        for line in rest:
            self.line(f"{' ' * cell_width(after)}{line}", tone)

    def row(self, *cells: object) -> None:
        """A line of short texts of a streamed answer; piped with tabs between."""
        write((GAP if self.is_for_people else "\t").join(printable(exact_text(cell)) for cell in cells))

    def text(self, text: str) -> None:
        """Several lines of the answer."""
        write(printable_lines(text))

    def remark(self, text: str) -> None:
        """Something for people that is not the answer."""
        click.echo(printable(text), err=True)

    def listing(
        self,
        listing: Listing[Row],
        rows: Iterable[Row],
        *,
        beside: Mapping[str, Any] | None = None,
        empty: str = "",
        now: datetime | None = None,
    ) -> None:
        """A list in the form that was asked for.

        Args:
            listing: what it consists of.
            rows: in their order.
            beside: further members of the JSON document.
            empty: what people read where there is no row.
            now: what relative times count from.
        """
        found = list(rows)
        match self.form:
            case Form.JSON:
                records = [json_value(listing.record(row)) for row in found]
                self.document({listing.name: records} | json_value(beside or {}) if listing.name else records)
            case Form.CSV:
                for line in csv_text(listing, found):
                    write(line, newline=False)
            case _ if not found and empty:
                self.remark(empty)
            case _:
                self._show(listing, found, now or datetime.now(UTC))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Rows of short texts, as a part of an answer that has other forms. Piped: one line a row, tabs between, the names first."""
        declared = [_position(at, name) for at, name in enumerate(columns)]
        self._show(Listing(name="", columns=declared), list(rows), datetime.now(UTC))

    def _show(self, listing: Listing[Row], rows: Sequence[Row], now: datetime) -> None:
        if not self.is_for_people:
            for line in tabbed_lines(listing, rows):
                write(line)
            return
        lines = table_lines(listing, rows, self._look(), now=now)
        if self._pages and stdout.is_lower_than(len(lines)):
            from console.cli.terminal.pager import paged

            if paged("\n".join([*lines, ""]), cut_lines=self.wide):
                return
        for line in lines:
            write(line)

    def _look(self) -> Look:
        mark = "…" if stdout.has_blocks() else "..."
        return Look(width=self.width, wide=self.wide, colours=stdout.has_colours(), mark=mark)


def _position(at: int, name: str) -> Column[Sequence[object]]:
    return Column(key=name, value=lambda row: row[at], wrap=at > 0)
