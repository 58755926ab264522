"""`leeward queues` and `leeward queue pause|resume|retire`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from console.cli.completion import names
from console.cli.fleet import fleet
from console.cli.jobs.queue_changes import purge, remove
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import listing_output, output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.cells import json_value
from console.cli.terminal.tables.listing import Column, Listing, Tone

if TYPE_CHECKING:
    from leeward_admin import QueueState


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue, and whether a live worker serves it; None where that was not asked."""

    state: "QueueState"
    served: bool | None = None

    @property
    def word(self) -> str:
        """What it does with its jobs."""
        if self.state.paused:
            return "paused"
        if not self.state.enabled:
            return "disabled"
        return "no worker" if self.served is False else "active"

    @property
    def is_quiet(self) -> bool:
        """Whether a person need not look at it: no job waits, and it is active, or it is one of the fleet's own."""
        return not sum(self.state.ready.values()) and (self.word == "active" or self.state.is_internal)


_TONES = {"active": Tone.PLAIN, "paused": Tone.WARNING, "disabled": Tone.WARNING, "no worker": Tone.BAD}

QUEUES: Listing[QueueRow] = Listing(
    name="queues",
    columns=(
        Column(key="queue", value=lambda row: row.state.queue, cut=True),
        Column(
            key="state",
            value=lambda row: row.word.replace(" ", "_"),
            text=lambda row: row.word,
            tone=lambda row: _TONES[row.word],
        ),
        Column(
            key="ready",
            heading="waiting",
            value=lambda row: {lane.value: waiting for lane, waiting in row.state.ready.items()},
            text=lambda row: sum(row.state.ready.values()),
        ),
        Column(key="interactive", value=lambda row: _lane(row, 0), wide=True),
        Column(key="normal", value=lambda row: _lane(row, 1), wide=True),
        Column(key="bulk", value=lambda row: _lane(row, 2), wide=True),
        Column(key="provider", value=lambda row: row.state.provider, wide=True),
        Column(key="provider_running", heading="running*", value=lambda row: row.state.running),
        Column(key="provider_scheduled", heading="scheduled*", value=lambda row: row.state.scheduled),
        Column(key="provider_outbox", heading="not stored*", value=lambda row: row.state.outbox),
        Column(key="paused", value=lambda row: row.state.paused, data=True),
        Column(key="enabled", value=lambda row: row.state.enabled, data=True),
        Column(key="served", value=lambda row: row.served, data=True),
        Column(key="internal", value=lambda row: row.state.is_internal, data=True),
    ),
)


def _lane(row: QueueRow, position: int) -> int:
    return list(row.state.ready.values())[position]


@click.command()
@click.option("--all", "every", is_flag=True, help="In a table also the idle ones and those of the fleet itself.")
@listing_output
def queues(screen: Screen, *, every: bool) -> None:
    """Show every queue: its jobs, and whether workers take them."""
    with fleet() as admin:
        states, unserved = admin.queues.states(), admin.queues.unserved()
    show_queues(screen, [QueueRow(state, served=state.queue not in unserved) for state in states], every=every)


def show_queues(screen: Screen, rows: list[QueueRow], *, every: bool) -> None:
    """The table, and what it leaves out."""
    shown = [row for row in rows if every or not row.is_quiet] if screen.is_for_people else rows
    screen.listing(QUEUES, shown, empty="" if rows else "There is no queue yet: enqueue a job first.")
    if shown and not screen.is_for_programs:
        screen.remark("* of the queue's provider, whose queues share it")
    if hidden := len(rows) - len(shown):
        screen.remark(f"{hidden:,} idle or internal queues are not shown: --all shows them.")


@click.group(cls=CommandGroup)
def queue() -> None:
    """Pause, resume, purge, retire or remove a queue."""


queue.add_command(purge)
queue.add_command(remove)


@queue.command()
@click.argument("name", metavar="QUEUE", shell_complete=names.queues)
@output
def pause(screen: Screen, name: str) -> None:
    """Pause a queue for the whole fleet. Running jobs continue; jobs can still be enqueued."""
    with fleet() as admin:
        state = admin.queues.pause(name)
    _tell(screen, state, f"{name} is paused. It starts again with `leeward queue resume {name}`.")


@queue.command()
@click.argument("name", metavar="QUEUE", shell_complete=names.queues)
@output
def resume(screen: Screen, name: str) -> None:
    """Resume a queue, at once."""
    with fleet() as admin:
        state = admin.queues.resume(name)
    _tell(screen, state, f"{name} is active. Jobs waiting: {sum(state.ready.values())}.")


@queue.command()
@click.argument("name", metavar="QUEUE", shell_complete=names.queues)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@output
def retire(screen: Screen, name: str, *, yes: bool) -> None:
    """Make dead letters of the jobs in a queue that no worker serves any more. They can be replayed."""
    from console.cli.terminal.confirmation import confirm

    with fleet() as admin:
        waiting = next((sum(one.ready.values()) for one in admin.queues.states() if one.queue == name), 0)
        question = f"{waiting:,} jobs of {name} become dead letters."
        confirm(question, changes=waiting, yes=yes, as_json=screen.as_json)
        retired = admin.queues.retire(name)
    if screen.as_json:
        screen.document({"queue": name, "retired": retired})
    else:
        screen.line(
            f"{retired:,} jobs of {name} are dead letters: unknown_actor. Replay them when a worker serves {name}."
        )


def _tell(screen: Screen, state: "QueueState", text: str) -> None:
    if screen.as_json:
        screen.document(json_value(QUEUES.record(QueueRow(state))))
    else:
        screen.line(text)
