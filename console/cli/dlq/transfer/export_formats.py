"""How an export is written: each format turns documents into text, a piece at a time."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Format = Callable[[Iterable[dict[str, Any]]], Iterator[str]]

COLUMNS = (
    "id", "state", "reason", "provider", "queue", "actor", "operation", "tenant", "owner", "note", "error_type", "error_message",
    "fingerprint", "attempts", "deliveries", "died_at", "enqueued_at", "job_id", "idempotency_key", "request_id", "trace_id",
    "worker", "hold", "generation", "replay_of", "replayed_as", "replayed_at", "superseded_by", "finished_at", "replay_refusal",
    "version", "payload", "edited_payload",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")  # noqa: RUF001 # some programs take the wide ones, too
_NUMBERS = frozenset({"attempts", "deliveries", "generation", "version"})


def json_lines(documents: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One JSON object a line."""
    for document in documents:
        yield json.dumps(document) + "\n"


def comma_separated(documents: Iterable[dict[str, Any]]) -> Iterator[str]:
    """RFC 4180: a head, CRLF, quotes where needed; payloads are JSON. No message and no traceback.

    What a spreadsheet would run as a formula begins with an apostrophe, which it takes for "this is text".
    """
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    yield _written(writer, line, COLUMNS)
    for document in documents:
        yield _written(writer, line, [_cell(name, document.get(name)) for name in COLUMNS])


FORMATS: dict[str, Format] = {"jsonl": json_lines, "csv": comma_separated}


def _cell(name: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case dict() | list():
            value = json.dumps(value, ensure_ascii=False)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and name not in _NUMBERS else text


def _written(writer: Any, line: io.StringIO, cells: Iterable[str]) -> str:
    writer.writerow(cells)
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text
