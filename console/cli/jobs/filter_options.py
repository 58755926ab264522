"""Which jobs a command is about, as options."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from console.cli.completion import names
from console.cli.fleet import unknown_names
from console.cli.terminal.choice import NearestChoice
from console.cli.terminal.duration import DurationType

if TYPE_CHECKING:
    from leeward_admin import Admin, JobFilter

Command = Callable[..., Any]

NAMES = {
    "queue": ("queues", names.queues, "Of this queue."),
    "provider": ("providers", names.providers, "Of this provider."),
    "kind": ("kinds", names.kinds, "Of this kind, for example invoice.sync."),
    "partition": ("partitions", None, "Of this partition, for example a tenant."),
    "tag": ("tags", None, "With this tag."),
}
LANES = ("interactive", "normal", "bulk")


def conditions(command: Command) -> Command:
    """Gives a command an option for each condition; `filter_from` makes a filter of them."""
    options = [
        *(
            click.option(f"--{name}", field, metavar=name.upper(), multiple=True, help=text, shell_complete=completion)
            for name, (field, completion, text) in NAMES.items()
        ),
        click.option("--priority", "lanes", type=NearestChoice(LANES), multiple=True, help="Of this lane."),
        click.option("--older-than", type=DurationType(), help="Enqueued longer ago, for example 1h."),
        click.option("--newer-than", type=DurationType(), help="Enqueued less long ago."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def filter_from(chosen: Mapping[str, Any]) -> "JobFilter":
    """The filter that the options describe."""
    from leeward import Priority
    from leeward_admin import JobFilter

    return JobFilter(**{**chosen, "lanes": tuple(map(Priority, chosen["lanes"]))})


def unknown_in(admin: "Admin", filter_: "JobFilter") -> list[str]:
    """A sentence about each queue, provider and kind of a filter that the fleet does not know."""
    return unknown_names(admin, queue=filter_.queues, provider=filter_.providers, kind=filter_.kinds)
