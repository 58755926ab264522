"""The table `dead_letters`: what is written, read, decided and replayed. Every query takes the caller's connection and transaction."""

from storage.dead_letters.document import document
from storage.dead_letters.filter import Filter, InvalidFilter, dead_letter_id
from storage.dead_letters.insert import insert_many, mark_dead_again
from storage.dead_letters.letter import DeadLetter, UnreadableEntry
from storage.dead_letters.reading import (
    Cursor,
    Group,
    Page,
    UnknownDeadLetter,
    count_by,
    export,
    get,
    page,
)
from storage.dead_letters.recovery import mark_recovered
from storage.dead_letters.stored import Detail, Summary
from storage.dead_letters.triage import Conflict, ImpossibleStep, assign, discard, note, review

__all__ = [
    "Conflict",
    "Cursor",
    "DeadLetter",
    "Detail",
    "Filter",
    "Group",
    "ImpossibleStep",
    "InvalidFilter",
    "Page",
    "Summary",
    "UnknownDeadLetter",
    "UnreadableEntry",
    "assign",
    "count_by",
    "dead_letter_id",
    "discard",
    "document",
    "export",
    "get",
    "insert_many",
    "mark_dead_again",
    "mark_recovered",
    "note",
    "page",
    "review",
]
