"""What a listing consists of, declared once for every form in which it is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")


class Tone(StrEnum):
    """How a cell stands out on a terminal with colours. The text says the same without them."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    FAINT = "faint"


@dataclass(frozen=True, kw_only=True)
class Column(Generic[Row]):
    """One column of a listing.

    Attributes:
        key: its name in JSON and CSV; stays the same from release to release.
        value: of a row, for programs. A time, a duration (in JSON as seconds), an id, an enum, a number, a text, or a part in JSON types.
        heading: its name in tables; by default the key with spaces.
        text: of a row, for people: of the same types; by default the value.
        short: ids, which a table shows only as far as it takes to distinguish them.
        cut: a table may show only the beginning of the text where the terminal is narrow.
        wrap: a table continues the text on further lines there.
        wide: a table has it only with `--wide`.
        data: only JSON and CSV have it.
        tone: of a row's cell.
    """

    key: str
    value: Callable[[Row], Any]
    heading: str = ""
    text: Callable[[Row], Any] | None = None
    short: bool = False
    cut: bool = False
    wrap: bool = False
    wide: bool = False
    data: bool = False
    tone: Callable[[Row], Tone] | None = None

    @property
    def title(self) -> str:
        """What a table calls it."""
        return self.heading or self.key.replace("_", " ")

    def shown(self, row: Row) -> Any:
        """What people read of a row."""
        return self.value(row) if self.text is None else self.text(row)


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[Row]):
    """A list of one kind of things.

    Attributes:
        name: of the member of the JSON document that holds the rows; empty where the document is the list itself.
        columns: the first one names the row.
        more: further members of a row in JSON, which no table has room for.
    """

    name: str
    columns: Sequence[Column[Row]]
    more: Callable[[Row], Mapping[str, Any]] | None = None

    def visible(self, *, wide: bool) -> list[Column[Row]]:
        """The columns of a table."""
        return [column for column in self.columns if not column.data and (wide or not column.wide)]

    def record(self, row: Row) -> dict[str, Any]:
        """A row as programs get it, with values that are not yet JSON's own types."""
        own = {column.key: column.value(row) for column in self.columns}
        return own if self.more is None else {**own, **self.more(row)}
