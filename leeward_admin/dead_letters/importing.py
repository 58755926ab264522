"""Bringing an export of another installation into this one."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from uuid import UUID

import structlog
from sqlalchemy import Engine

from storage.database.lock_timeout import SchemaBusy
from storage.dead_letters.intake.imported_letter import ImportedLetter, InvalidLetter, imported_letter
from storage.dead_letters.intake.importing import import_many
from storage.dead_letters.retention.partitions import make_for

__all__ = ["Imported", "ImportedLine"]


BATCH = 500
"""Lines that are read, checked and written at once, in one transaction."""
LONGEST_LINE = 4 * 1024 * 1024
"""Characters; twice the longest that an export writes."""

_log = structlog.get_logger(__name__)


class Imported(StrEnum):
    """What became of a line."""

    NEW = "imported"
    KNOWN = "known"
    """It is here already, and stays as it is."""
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """A line and what became of it.

    Attributes:
        number: from 1.
        why: what is wrong with it; never shows a value.
    """

    number: int
    outcome: Imported
    id: UUID | None = None
    provider: str | None = None
    why: str | None = None


def import_lines(engine: Engine, lines: Iterable[str], *, who: str, now: datetime) -> Iterator[ImportedLine]:
    """Imports JSON Lines as `leeward dlq export` writes them and reports each line. An invalid line does not stop the others.

    May be closed or killed at any point and be begun again: nothing is written twice. `now` is the time.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached; import again.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        read = [(number, _read(line, now)) for number, line in batch]
        letters = [letter for _, letter in read if isinstance(letter, ImportedLetter)]
        _make_room(engine, letters, now)
        with engine.begin() as connection:
            new = import_many(connection, letters, who=who)
        for number, letter in read:
            if isinstance(letter, str):
                yield ImportedLine(number, Imported.INVALID, why=letter)
                continue
            outcome = Imported.NEW if letter.id in new else Imported.KNOWN
            new.discard(letter.id)
            yield ImportedLine(number, outcome, letter.id, str(letter.values["provider"]))


def _make_room(engine: Engine, letters: Sequence[ImportedLetter], now: datetime) -> None:
    """Their months get their partitions back, so that retention can drop them whole again. Where that cannot be now, the default
    partition takes the letters.
    """
    try:
        with engine.connect() as connection:
            make_for(connection, [letter.id for letter in letters], now)
    except SchemaBusy as busy:
        _log.warning("partitions_postponed", error=str(busy))


def _read(line: str, now: datetime) -> ImportedLetter | str:
    """The letter of a line, or what is wrong with it."""
    if len(line) > LONGEST_LINE:
        return f"longer than {LONGEST_LINE:,} characters: no export writes such a line"
    try:
        return imported_letter(json.loads(line), now)
    except InvalidLetter as invalid:
        return str(invalid)
    except (ValueError, RecursionError) as error:
        return f"no JSON: {error}" if isinstance(error, json.JSONDecodeError) else "no JSON"
