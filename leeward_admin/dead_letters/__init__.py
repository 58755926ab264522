"""The dead letter queue: reading it, deciding about it, moving it."""

from leeward_admin.dead_letters.dead_letters import DeadLetters
from leeward_admin.dead_letters.decisions import (
    Assign,
    Decided,
    Decision,
    Discard,
    Hold,
    Note,
    Release,
    Review,
    decidable,
)
from leeward_admin.dead_letters.importing import Imported, ImportedLine
from leeward_admin.dead_letters.next_steps import next_steps
from leeward_admin.dead_letters.saved_filters import SavedFilters
from leeward_admin.dead_letters.triage import Triage
from storage.dead_letters.audit import StoredEvent
from storage.dead_letters.letter.document import document
from storage.dead_letters.letter.queries import Group, UnknownDeadLetter
from storage.dead_letters.letter.views import Detail, Summary
from storage.dead_letters.retention.prune import Pruned, PruneUnderWay
from storage.dead_letters.retention.survey import Fate
from storage.dead_letters.retention.survey import Line as PrunedLine
from storage.dead_letters.search.filter import Filter, InvalidFilter, dead_letter_id
from storage.dead_letters.search.pages import PROMPT, Cursor, Page
from storage.dead_letters.search.saved_filters import FilterExists, SavedFilter, UnknownFilter
from storage.dead_letters.triage.correction import InvalidCorrection
from storage.dead_letters.triage.decisions import DeadLetterChanged, ImpossibleStep

__all__ = [
    "PROMPT",
    "Assign",
    "Cursor",
    "DeadLetterChanged",
    "DeadLetters",
    "Decided",
    "Decision",
    "Detail",
    "Discard",
    "Fate",
    "Filter",
    "FilterExists",
    "Group",
    "Hold",
    "Imported",
    "ImportedLine",
    "ImpossibleStep",
    "InvalidCorrection",
    "InvalidFilter",
    "Note",
    "Page",
    "PruneUnderWay",
    "Pruned",
    "PrunedLine",
    "Release",
    "Review",
    "SavedFilter",
    "SavedFilters",
    "StoredEvent",
    "Summary",
    "Triage",
    "UnknownDeadLetter",
    "UnknownFilter",
    "dead_letter_id",
    "decidable",
    "document",
    "next_steps",
]
