"""Dead letters as they are asked for and read."""

from storage.dead_letters.audit import StoredEvent
from storage.dead_letters.letter.document import document
from storage.dead_letters.letter.queries import Group, UnknownDeadLetter
from storage.dead_letters.letter.views import Detail, Summary
from storage.dead_letters.search.filter import Filter, InvalidFilter, dead_letter_id
from storage.dead_letters.search.pages import PROMPT, Cursor, Page

__all__ = [
    "PROMPT",
    "Cursor",
    "Detail",
    "Filter",
    "Group",
    "InvalidFilter",
    "Page",
    "StoredEvent",
    "Summary",
    "UnknownDeadLetter",
    "dead_letter_id",
    "document",
]
