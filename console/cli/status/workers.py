"""`leeward workers`."""

import click

from console.cli.fleet import fleet
from console.cli.status.listings import WORKERS
from console.cli.terminal.output import listing_output
from console.cli.terminal.screen import Screen


@click.command()
@listing_output
def workers(screen: Screen) -> None:
    """Show every worker process: its queues, its threads, its oldest job, its latest heartbeat.

    A process is `draining` when it takes no more jobs and ends with those that it has, and `silent` when it has sent no heartbeat for 30
    seconds: it was killed, or cannot reach Valkey. Silent ones are shown for ten minutes.
    """
    with fleet() as admin:
        found = admin.workers()
    screen.listing(
        WORKERS, found, empty="No worker is running: start one with `leeward worker`, or all with `leeward up`."
    )
