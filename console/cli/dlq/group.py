"""The group of commands."""

import click

from console.cli.dlq.groups.commands import group, groups
from console.cli.dlq.groups.stats import stats
from console.cli.dlq.listing import list_
from console.cli.dlq.prune import prune
from console.cli.dlq.replays.commands import replays
from console.cli.dlq.replays.replay import replay
from console.cli.dlq.replays.steering import cancel, pause, resume
from console.cli.dlq.saved_filters import filter_
from console.cli.dlq.show import show
from console.cli.dlq.transfer.export import export
from console.cli.dlq.transfer.import_ import import_
from console.cli.dlq.triage.commands import assign, note, review
from console.cli.dlq.triage.discard import discard
from console.cli.dlq.triage.edit import edit
from console.cli.dlq.triage.hold import hold
from console.cli.terminal.group import CommandGroup


@click.group(cls=CommandGroup, short_help="Show dead letters; replay or discard them.")
def dlq() -> None:
    """Show jobs that ended without success; replay or discard them."""


for command in (
    list_, show, groups, group, stats, filter_, review, assign, note, edit, hold, discard, replay, replays, pause,
    resume, cancel, export, import_, prune,
):  # fmt: skip
    dlq.add_command(command)
