"""The group of commands."""

import click

from console.dlq.discard import discard
from console.dlq.export import export
from console.dlq.listing import list_
from console.dlq.replay import replay
from console.dlq.replays import replays
from console.dlq.show import show
from console.dlq.steering import cancel, pause, resume


@click.group(short_help="Look at dead jobs; replay or discard them.")
def dlq() -> None:
    """Look at jobs that ended without success; replay or discard them."""


for command in (list_, show, replay, replays, pause, resume, cancel, discard, export):
    dlq.add_command(command)
