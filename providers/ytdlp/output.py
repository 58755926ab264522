"""What yt-dlp reports on its standard output: only lines of our own templates are read, never its prose, which may change."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRESS, ITEM, FILE = "LEEWARD-PROGRESS ", "LEEWARD-ITEM ", "LEEWARD-FILE "
_LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one stream is; the film and its sound may be two, one after the other.

    Attributes:
        total_bytes: of the whole stream, as its host announced it; None: unknown.
        estimated_bytes: where it is unknown; it changes. None: unknown, too.
    """

    done_bytes: int
    total_bytes: int | None
    estimated_bytes: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """What was found at the job's address, before anything of it is downloaded.

    Attributes:
        live_status: as yt-dlp says it: `is_live`, `is_upcoming`, `was_live`, `not_live`; None: unknown.
        entries: how many films the page has.
    """

    media_id: str | None
    title: str | None
    extractor: str | None
    duration_seconds: float | None
    live_status: str | None
    entries: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A complete file."""

    path: Path


Report = Progress | Item | Finished


def report(line: str) -> Report | None:
    """Reads one line; None for a line that is none of ours, or not as ours are."""
    for prefix, read in ((PROGRESS, _progress), (ITEM, _item), (FILE, _file)):
        if line.startswith(prefix):
            try:
                return read(json.loads(line.removeprefix(prefix)))
            except (ValueError, RecursionError):
                return None
    return None


def _progress(found: Any) -> Progress | None:
    if not isinstance(found, dict):
        return None
    done = _whole(found, "downloaded_bytes")
    return None if done is None else Progress(done, _whole(found, "total_bytes"), _whole(found, "total_bytes_estimate"))


def _item(found: Any) -> Item | None:
    if not isinstance(found, dict):
        return None
    return Item(
        media_id=_text(found.get("id")),
        title=_text(found.get("title")),
        extractor=_text(found.get("extractor")),
        duration_seconds=_number(found.get("duration")),
        live_status=_text(found.get("live_status")),
        entries=int(_number(found.get("n_entries")) or 1),
    )


def _file(found: Any) -> Finished | None:
    return Finished(Path(found)) if isinstance(found, str) and found else None


def _whole(found: dict[str, Any], name: str) -> int | None:
    number = _number(found.get(name))
    return None if number is None else int(number)


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < float("inf") else None  # type: ignore[operator, arg-type]


def _text(value: object) -> str | None:
    return None if value is None else str(value)[:_LONGEST_TEXT]
