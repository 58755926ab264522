"""The table `dead_letters`: what is written, read, decided and replayed. Every query takes the caller's connection and transaction."""

from storage.dead_letters.brought import Brought, InvalidLetter, brought
from storage.dead_letters.correction import InvalidCorrection
from storage.dead_letters.document import document
from storage.dead_letters.editing import edit, editable_payload, undo_edit
from storage.dead_letters.filter import Filter, InvalidFilter, dead_letter_id
from storage.dead_letters.importing import import_many
from storage.dead_letters.insert import insert_many, mark_dead_again
from storage.dead_letters.letter import DeadLetter, UnreadableEntry
from storage.dead_letters.pages import PROMPT, Cursor, Page, page
from storage.dead_letters.reading import Group, UnknownDeadLetter, count_by, export, get
from storage.dead_letters.recovery import mark_recovered
from storage.dead_letters.saved_filters import (
    FilterExists,
    SavedFilter,
    UnknownFilter,
    remove_filter,
    save_filter,
    saved_filter,
    saved_filters,
)
from storage.dead_letters.stored import Detail, Summary
from storage.dead_letters.triage import DeadLetterChanged, ImpossibleStep, assign, discard, hold, note, release, review

__all__ = [
    "PROMPT",
    "Brought",
    "Cursor",
    "DeadLetter",
    "DeadLetterChanged",
    "Detail",
    "Filter",
    "FilterExists",
    "Group",
    "ImpossibleStep",
    "InvalidCorrection",
    "InvalidFilter",
    "InvalidLetter",
    "Page",
    "SavedFilter",
    "Summary",
    "UnknownDeadLetter",
    "UnknownFilter",
    "UnreadableEntry",
    "assign",
    "brought",
    "count_by",
    "dead_letter_id",
    "discard",
    "document",
    "edit",
    "editable_payload",
    "export",
    "get",
    "hold",
    "import_many",
    "insert_many",
    "mark_dead_again",
    "mark_recovered",
    "note",
    "page",
    "release",
    "remove_filter",
    "review",
    "save_filter",
    "saved_filter",
    "saved_filters",
    "undo_edit",
]
