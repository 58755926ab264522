"""`leeward queues` and `leeward queue pause|resume|retire`."""

from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.screen import Screen, output

if TYPE_CHECKING:
    from leeward_admin import QueueState

COLUMNS = ("queue", "state", "interactive", "normal", "bulk", "scheduled*", "running*", "dead, not stored*")
SHORT_COLUMNS = ("queue", "state", "waiting", "scheduled*", "running*", "dead, not stored*")
"""For people: a line of a terminal has no room for a column of each lane."""


@click.command()
@output
def queues(screen: Screen) -> None:
    """Show every queue: its jobs, and whether workers take them."""
    with fleet() as admin:
        states, unserved = admin.queues.states(), admin.queues.unserved()
    if screen.as_json:
        documents = [_document(state) | {"served": state.queue not in unserved} for state in states]
        screen.document({"queues": documents})
        return
    columns, lanes = (SHORT_COLUMNS, _in_short) if screen.is_for_people else (COLUMNS, _each)
    screen.table(columns, [_row(state, lanes(state), served=state.queue not in unserved) for state in states])
    screen.remark(
        "* of the queue's provider, whose queues share it" if states else "There is no queue yet: enqueue a job first."
    )


@click.group(cls=CommandGroup)
def queue() -> None:
    """Pause, resume or retire a queue."""


@queue.command()
@click.argument("name", metavar="QUEUE")
@output
def pause(screen: Screen, name: str) -> None:
    """Pause a queue for the whole fleet. Running jobs continue; jobs can still be enqueued."""
    with fleet() as admin:
        state = admin.queues.pause(name)
    _tell(screen, state, f"{name} is paused. It starts again with `leeward queue resume {name}`.")


@queue.command()
@click.argument("name", metavar="QUEUE")
@output
def resume(screen: Screen, name: str) -> None:
    """Resume a queue, at once."""
    with fleet() as admin:
        state = admin.queues.resume(name)
    _tell(screen, state, f"{name} is open. Jobs waiting: {sum(state.ready.values())}.")


@queue.command()
@click.argument("name", metavar="QUEUE")
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
        screen.document(_document(state))
    else:
        screen.line(text)


def _document(state: "QueueState") -> dict[str, Any]:
    return {
        "queue": state.queue,
        "provider": state.provider,
        "paused": state.paused,
        "enabled": state.enabled,
        "ready": {lane.value: waiting for lane, waiting in state.ready.items()},
        "provider_scheduled": state.scheduled,
        "provider_running": state.running,
        "provider_outbox": state.outbox,
    }


def _each(state: "QueueState") -> list[object]:
    return list(state.ready.values())


def _in_short(state: "QueueState") -> list[object]:
    return [", ".join(f"{waiting:,} {lane.value}" for lane, waiting in state.ready.items() if waiting) or "none"]


def _row(state: "QueueState", lanes: list[object], *, served: bool) -> tuple[object, ...]:
    shown = "paused" if state.paused else "disabled" if not state.enabled else "open" if served else "no worker"
    return (state.queue, shown, *lanes, state.scheduled, state.running, state.outbox)
