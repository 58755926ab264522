"""The table `dead_letters`: what is written, read, decided and replayed. Every query takes the caller's connection and transaction."""

from storage.dead_letters.document import document
from storage.dead_letters.filter import Filter, InvalidFilter, dead_letter_id
from storage.dead_letters.forecast import Forecast, Refusal, forecast, refuse
from storage.dead_letters.insert import insert_many, mark_dead_again
from storage.dead_letters.letter import DeadLetter, UnreadableEntry
from storage.dead_letters.pages import Page, page
from storage.dead_letters.reading import Group, UnknownDeadLetter, count_by, export, get
from storage.dead_letters.recovery import mark_recovered
from storage.dead_letters.replay import Claim, claim_for_replay, confirm_duplicate, confirm_replayed
from storage.dead_letters.stored import Detail, Summary
from storage.dead_letters.triage import Conflict, ImpossibleStep, assign, discard, note, review

__all__ = [
    "Claim",
    "Conflict",
    "DeadLetter",
    "Detail",
    "Filter",
    "Forecast",
    "Group",
    "ImpossibleStep",
    "InvalidFilter",
    "Page",
    "Refusal",
    "Summary",
    "UnknownDeadLetter",
    "UnreadableEntry",
    "assign",
    "claim_for_replay",
    "confirm_duplicate",
    "confirm_replayed",
    "count_by",
    "dead_letter_id",
    "discard",
    "document",
    "export",
    "forecast",
    "get",
    "insert_many",
    "mark_dead_again",
    "mark_recovered",
    "note",
    "page",
    "refuse",
    "review",
]
