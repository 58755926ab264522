"""`leeward job show`."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet
from console.cli.jobs.failed_attempts import show_attempts
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen
from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward_admin import JobDetail

PARTS = ("payload", "result", "progress", "error")
"""Shown below the fields, each as JSON."""


@click.command()
@click.argument("job_id", metavar="JOB")
@output
def show(screen: Screen, job_id: str) -> None:
    """Show a job: its state, payload without secrets, attempts and error."""
    with fleet() as admin:
        detail = admin.fleet_jobs.get(admin.job_id_of(job_id))
    document = job_document(detail)
    if screen.as_json:
        screen.document(document)
        return
    for name, value in document.items():
        if value not in (None, "", 0, []) and name not in {*PARTS, "past_attempts"}:
            screen.line(f"{name + ':':<17}{', '.join(value) if isinstance(value, list) else _shown(name, value)}")
    _show_parts(screen, document)
    show_attempts(screen, "failed attempts:", document["past_attempts"])
    if detail.dead_letter:
        screen.line("next steps:")
        screen.line(f"  leeward dlq show {detail.dead_letter}")
    elif not detail.status.state.is_final and detail.status.state != "running":
        screen.remark(f"What it waits for: `leeward job why {job_id}`")


def _show_parts(screen: Screen, document: dict[str, Any]) -> None:
    for name in PARTS:
        part = dict(document[name]) if isinstance(document[name], dict) else document[name]
        traceback = part.pop("traceback", None) if name == "error" and isinstance(part, dict) else None
        if part is not None:
            screen.line(f"{name}:")
            screen.text(json.dumps(part, indent=2, ensure_ascii=False))
        if traceback:
            screen.line("traceback:")
            screen.text(str(traceback))


def job_document(detail: "JobDetail") -> dict[str, Any]:
    """Everything about a job, in JSON types."""
    status, row = asdict(detail.status), detail.row
    found = {
        "job": status.pop("job_id"),
        **status,
        "priority": (row and row.lane) or None,
        "enqueued_at": row and row.enqueued_at,
        "ended_at": row and row.ended_at,
        "deadline": detail.deadline,
        "idempotency_key": detail.idempotency_key,
        "trace_id": detail.trace_id,
        "dead_letter": detail.dead_letter and str(detail.dead_letter),
        "payload": detail.payload,
        "error": detail.error,
        "past_attempts": [{name: _plain(value) for name, value in asdict(one).items()} for one in detail.past_attempts],
    }
    if row is not None:
        found |= {
            name: found.get(name) or getattr(row, name)
            for name in ("queue", "kind", "attempts", "deliveries", "worker")
        }
    return {name: _plain(value) for name, value in found.items()}


def _shown(name: str, value: Any) -> object:
    times = {"due", "enqueued_at", "ended_at", "deadline"}
    return when(datetime.fromisoformat(value)) if name in times else value


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return list(value)
    return value
