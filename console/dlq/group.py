"""The group of commands."""

import click

from console.dlq.discard import discard
from console.dlq.export import export
from console.dlq.groups import group, groups
from console.dlq.hold import hold
from console.dlq.listing import list_
from console.dlq.prune import prune
from console.dlq.replay import replay
from console.dlq.show import show
from console.dlq.stats import stats


@click.group(short_help="Look at dead jobs; replay or discard them.")
def dlq() -> None:
    """Look at jobs that ended without success; replay or discard them."""


for command in (list_, show, groups, group, stats, replay, discard, hold, export, prune):
    dlq.add_command(command)
