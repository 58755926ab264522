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
from leeward_admin.dead_letters.saved_filters import SavedFilters
from leeward_admin.dead_letters.triage import Triage
from storage.dead_letter_events import StoredEvent
from storage.dead_letters import (
    PROMPT,
    Cursor,
    DeadLetterChanged,
    Detail,
    Filter,
    FilterExists,
    Group,
    ImpossibleStep,
    InvalidCorrection,
    InvalidFilter,
    Page,
    SavedFilter,
    Summary,
    UnknownDeadLetter,
    UnknownFilter,
    dead_letter_id,
    document,
)
from storage.dead_letters.prune import Pruned, PruneUnderWay
from storage.dead_letters.survey import Fate
from storage.dead_letters.survey import Line as PrunedLine

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
]
