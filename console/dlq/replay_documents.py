"""Replays as JSON."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from console.dlq.documents import plain

if TYPE_CHECKING:
    from storage.replays.stored import Item, Replay
    from workers.admin_replays import Progress


def replay_document(replay: "Replay") -> dict[str, Any]:
    """A list's item."""
    found = {name: plain(value) for name, value in asdict(replay).items()}
    return {"replay": found.pop("id")} | found | {"rules": replay.rules.document()}


def progress_document(progress: "Progress") -> dict[str, Any]:
    """A replay and how many of its items have each outcome."""
    counts = {outcome.value: items for outcome, items in progress.counts.items()}
    return replay_document(progress.replay) | {"counts": counts}


def item_document(item: "Item") -> dict[str, Any]:
    """What became of one dead letter."""
    found = {name: plain(value) for name, value in asdict(item).items()}
    return {"id": found.pop("dead_letter_id"), "outcome": found.pop("outcome")} | found
