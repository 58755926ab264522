"""Replays as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from console.cli.dlq.documents import plain

if TYPE_CHECKING:
    from leeward_admin import Item, ItemOutcome, Progress, Replay


def replay_document(replay: "Replay") -> dict[str, Any]:
    """A list's item."""
    found = {name: plain(value) for name, value in asdict(replay).items()}
    return {"replay": found.pop("id")} | found | {"rules": replay.rules.document()}


def progress_document(progress: "Progress") -> dict[str, Any]:
    """A replay, how many of its items have each outcome, and what can be done."""
    actions = [action.document() for action in progress.actions]
    return replay_document(progress.replay) | {"counts": counts_document(progress.counts), "actions": actions}


def counts_document(counts: "Mapping[ItemOutcome, int]") -> dict[str, int]:
    """How many items have each outcome."""
    return {outcome.value: items for outcome, items in counts.items()}


def counts_text(counts: "Mapping[ItemOutcome, int]") -> str:
    """The same for people, without zeros."""
    return ", ".join(f"{items:,} {outcome.value.replace('_', ' ')}" for outcome, items in counts.items() if items)


def item_document(item: "Item") -> dict[str, Any]:
    """What became of one dead letter."""
    found = {name: plain(value) for name, value in asdict(item).items()}
    return {"id": found.pop("dead_letter_id"), "outcome": found.pop("outcome")} | found
