"""`leeward batch show`."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen
from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward import BatchStatus


@click.group(cls=CommandGroup)
def batch() -> None:
    """Show how far a batch of jobs is."""


@batch.command()
@click.argument("batch_id", metavar="BATCH")
@output
def show(screen: Screen, batch_id: str) -> None:
    """Show how many jobs of a batch are pending, done, dead and cancelled."""
    with fleet() as admin:
        status = admin.jobs.batch(batch_id)
    if screen.as_json:
        screen.document(_document(status))
        return
    for name, value in asdict(status).items():
        if value is not None:
            screen.line(f"{name.removesuffix('_id') + ':':<12}{when(value) if isinstance(value, datetime) else value}")


def _document(status: "BatchStatus") -> dict[str, Any]:
    found = asdict(status)
    found = {"batch": found.pop("batch_id")} | found
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}
