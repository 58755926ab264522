"""The group of commands."""

import click

from console.dlq.discard import discard
from console.dlq.edit import edit
from console.dlq.export import export
from console.dlq.groups import group, groups
from console.dlq.hold import hold
from console.dlq.import_ import import_
from console.dlq.listing import list_
from console.dlq.prune import prune
from console.dlq.replay import replay
from console.dlq.replays import replays
from console.dlq.saved import filter_
from console.dlq.show import show
from console.dlq.stats import stats
from console.dlq.steering import cancel, pause, resume
from console.dlq.triage import assign, note, review


@click.group(short_help="Look at dead jobs; replay or discard them.")
def dlq() -> None:
    """Look at jobs that ended without success; replay or discard them."""


for command in (
    list_, show, groups, group, stats, filter_, review, assign, note, edit, hold, discard, replay, replays, pause,
    resume, cancel, export, import_, prune,
):  # fmt: skip
    dlq.add_command(command)
