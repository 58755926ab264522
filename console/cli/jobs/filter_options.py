"""Which jobs a command is about, as options."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from console.cli.terminal.duration import DurationType

if TYPE_CHECKING:
    from leeward_admin import JobFilter

Command = Callable[..., Any]

NAMES = {
    "queue": ("queues", "QUEUE", "Of this queue."),
    "provider": ("providers", "PROVIDER", "Of this provider."),
    "kind": ("kinds", "KIND", "Of this kind, for example sync.user."),
    "partition": ("partitions", "PARTITION", "Of this partition, for example a tenant."),
    "tag": ("tags", "TAG", "With this tag."),
}
LANES = ("interactive", "normal", "bulk")


def conditions(command: Command) -> Command:
    """Gives a command an option for each condition; `filter_from` makes a filter of them."""
    options = [
        *(
            click.option(f"--{name}", field, metavar=metavar, multiple=True, help=text)
            for name, (field, metavar, text) in NAMES.items()
        ),
        click.option("--priority", "lanes", type=click.Choice(LANES), multiple=True, help="Of this lane."),
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
