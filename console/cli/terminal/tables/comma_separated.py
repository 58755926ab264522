"""CSV for spreadsheets (RFC 4180): a head, CRLF, quotes where needed.

What a spreadsheet would run as a formula begins with an apostrophe, which it takes for "this is text".
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")  # noqa: RUF001 # some programs take the wide ones, too


def csv_lines(columns: Sequence[str], documents: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The names of the columns, then a line for each document in JSON types; lists are written as JSON, what is missing is empty."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    for row in chain([columns], ([_cell(one.get(name)) for name in columns] for one in documents)):
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def flat(documents: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[dict[str, Any]]]:
    """The columns and the rows, with the members of objects as columns of their own: `ready.bulk`."""
    rows = [dict(_members("", document)) for document in documents]
    return list(dict.fromkeys(name for row in rows for name in row)), rows


def _members(prefix: str, document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if isinstance(value, Mapping) and value:
            yield from _members(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case dict() | list():
            value = json.dumps(value, ensure_ascii=False)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
