"""How an export is written: each format turns documents into text, a piece at a time."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from console.cli.terminal.tables.comma_separated import csv_lines

Format = Callable[[Iterable[dict[str, Any]]], Iterator[str]]

COLUMNS = (
    "id", "state", "reason", "provider", "queue", "actor", "operation", "tenant", "owner", "note", "error_type", "error_message",
    "fingerprint", "attempts", "deliveries", "died_at", "enqueued_at", "job_id", "idempotency_key", "request_id", "trace_id",
    "worker", "hold", "generation", "replay_of", "replayed_as", "replayed_at", "superseded_by", "finished_at", "replay_refusal",
    "version", "payload", "edited_payload",
)  # fmt: skip


def json_lines(documents: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One JSON object a line."""
    for document in documents:
        yield json.dumps(document) + "\n"


def comma_separated(documents: Iterable[dict[str, Any]]) -> Iterator[str]:
    """CSV; payloads are JSON. No message and no traceback."""
    return csv_lines(COLUMNS, documents)


FORMATS: dict[str, Format] = {"jsonl": json_lines, "csv": comma_separated}
