"""`leeward dlq show`."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from console.cli.commands import commands
from console.cli.dlq.documents import detail_document
from console.cli.fleet import fleet
from console.cli.jobs.failed_attempts import show_attempts
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen
from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward_admin import StoredEvent

FIELDS = (
    "id", "state", "version", "replay_outcome", "reason", "provider", "queue", "actor", "operation", "fingerprint", "tenant", "job_id",
    "died_at", "enqueued_at", "attempts", "deliveries", "worker", "idempotency_key", "request_id", "trace_id", "tags", "owner", "note",
    "generation", "replay_of", "replay_id", "replayed_as", "replayed_at", "superseded_by", "finished_at", "replay_refusal",
)  # fmt: skip
SHOWN = {
    "recovered": "The job was done by a replay.",
    "dead_again": "Its replay died, too; the event below names the new dead letter.",
    "pending": "Its replay waits or runs: `leeward job show {replayed_as}`.",
}


@click.command()
@click.argument("dead_letter", metavar="ID")
@output
def show(screen: Screen, dead_letter: str) -> None:
    """Show everything about a dead letter, by its id or its job's, without secrets, and what happened to it."""
    from leeward_admin import next_steps

    with fleet() as admin:
        letter, events = admin.dead_letters.find(dead_letter)
    document, steps = detail_document(letter, events), next_steps(letter)
    if screen.as_json:
        screen.document(document | {"actions": [action.document() for action in steps]})
        return
    _show(screen, document, events)
    if steps:
        screen.line("next steps:")
    for line in commands(steps):
        screen.line(f"  {line}")


def _show(screen: Screen, document: dict[str, Any], events: "list[StoredEvent]") -> None:
    for name in FIELDS:
        if document[name] not in (None, "", []):
            screen.line(f"{name + ':':<17}{_shown(name, document[name])}")
    if document["replay_outcome"]:
        screen.line(SHOWN[document["replay_outcome"]].format_map(document))
    if document["hold"]:
        screen.line("It is under legal hold.")
    error = dict(document["error"])
    traceback = error.pop("traceback", None)
    for title, part in (
        ("payload", document["payload"]),
        ("corrected payload, which a replay uses", document["edited_payload"]),
        ("error", error),
        ("progress", document["progress"]),
    ):
        if part:
            screen.line(f"{title}:")
            screen.text(json.dumps(part, indent=2, ensure_ascii=False))
    if traceback:
        screen.line("traceback:")
        screen.text(str(traceback))
    show_attempts(screen, "attempts before the last:", document["past_attempts"])
    _show_events(screen, events)


def _shown(name: str, value: Any) -> object:
    if name.endswith("_at"):
        return when(datetime.fromisoformat(value))
    if isinstance(value, list):
        return ", ".join(value)
    # What will never succeed dies without spending any.
    return f"{value} spent" if name == "attempts" else value


def _show_events(screen: Screen, events: "list[StoredEvent]") -> None:
    screen.line("events:")
    for event in events:
        detail = json.dumps(event.detail, ensure_ascii=False) if event.detail else ""
        screen.line(f"  {when(event.at)}  {event.event}  {event.who}  {detail}".rstrip())
    if not events:
        screen.line("  none")
