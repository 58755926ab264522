"""`leeward queues` and `leeward queue pause|resume`."""

from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet
from console.cli.terminal.screen import Screen, output

if TYPE_CHECKING:
    from leeward_admin import QueueState

COLUMNS = ("queue", "state", "interactive", "normal", "bulk", "scheduled*", "running*", "dead, not stored*")


@click.command()
@output
def queues(screen: Screen) -> None:
    """Show every queue: waiting and running jobs, and whether it is paused."""
    with fleet() as admin:
        states, unserved = admin.queues.states(), admin.queues.unserved()
    if screen.as_json:
        documents = [_document(state) | {"served": state.queue not in unserved} for state in states]
        screen.document({"queues": documents})
        return
    screen.table(COLUMNS, [_row(state, served=state.queue not in unserved) for state in states])
    screen.remark(
        "* of the queue's provider, whose queues share it" if states else "There is no queue yet: enqueue a job first."
    )


@click.group()
def queue() -> None:
    """Pause and resume a queue."""


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


def _row(state: "QueueState", *, served: bool) -> tuple[object, ...]:
    shown = "paused" if state.paused else "disabled" if not state.enabled else "open" if served else "no worker"
    return (state.queue, shown, *state.ready.values(), state.scheduled, state.running, state.outbox)
