"""A table as lines of a given width."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from console.cli.terminal.tables.cell_width import beginning, cell_width

GAP = "  "
LEAST = 12
"""Characters that a text keeps as long as another column can become narrower; half of it when none can."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column as it is drawn.

    Attributes:
        cut: its texts may be shortened first.
        wrap: its texts continue on further lines instead.
        right: numbers, which are never shortened.
    """

    name: str
    cut: bool = False
    wrap: bool = False
    right: bool = False


def drawn(
    headings: Sequence[Heading], rows: Sequence[Sequence[str]], *, width: int | None, mark: str = "…"
) -> list[list[list[str]]] | None:
    """The lines of the headings and of each row: their cells, as wide as the columns. None where the table cannot be this narrow.

    Args:
        headings: of the columns.
        rows: their cells, without control characters.
        width: of the terminal, in characters; None for any.
        mark: what takes the place of the rest of a text.
    """
    names = [heading.name.upper() for heading in headings]
    natural = [max(map(cell_width, cells)) for cells in zip(names, *rows, strict=True)]
    widths = natural if width is None else _narrowed(headings, natural, width)
    if widths is None:
        return None
    return [_lines(row, headings, widths, mark) for row in [names, *rows]]


def shortened(text: str, width: int, mark: str = "…") -> str:
    """At most this wide; what is left out has the mark in its place."""
    if cell_width(text) <= width:
        return text
    return beginning(text, max(0, width - len(mark))).rstrip() + mark


def wrapped(text: str, width: int) -> list[str]:
    """On several lines, none of them wider; broken between words where that is possible."""
    lines, current = [], ""
    for word in text.split(" "):
        together = f"{current} {word}" if current else word
        if current and cell_width(together) > width:
            lines.append(current)
            together = word
        while cell_width(together) > width:
            piece = _that_fits(together, width)
            lines.append(piece)
            together = together[len(piece) :]
        current = together
    return [*lines, current]


def _that_fits(text: str, width: int) -> str:
    piece = text[:width]
    while len(piece) > 1 and cell_width(piece) > width:
        piece = piece[:-1]
    return piece


def _narrowed(headings: Sequence[Heading], natural: Sequence[int], width: int) -> list[int] | None:
    widths, excess = list(natural), sum(natural) + len(GAP) * (len(natural) - 1) - width
    for only_soft, least in ((True, LEAST), (True, LEAST // 2), (False, LEAST // 2)):
        able = [at for at, one in enumerate(headings) if (one.cut or one.wrap if only_soft else at and not one.right)]
        floor = {at: max(least, len(headings[at].name)) for at in able}
        while excess > 0 and (wider := [at for at in able if widths[at] > floor[at]]):
            widths[max(wider, key=widths.__getitem__)] -= 1
            excess -= 1
    return None if excess > 0 else widths


def _lines(row: Sequence[str], headings: Sequence[Heading], widths: Sequence[int], mark: str) -> list[list[str]]:
    columns = [
        wrapped(cell, width) if heading.wrap else [shortened(cell, width, mark)]
        for cell, width, heading in zip(row, widths, headings, strict=True)
    ]
    return [
        [_padded(cell, width, heading) for cell, width, heading in zip(line, widths, headings, strict=True)]
        for line in zip_longest(*columns, fillvalue="")
    ]


def _padded(cell: str, width: int, heading: Heading) -> str:
    room = " " * (width - cell_width(cell))
    return room + cell if heading.right else cell + room
