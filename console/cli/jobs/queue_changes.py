"""`leeward queue purge|remove`."""

import click

from console.cli.completion import names
from console.cli.fleet import fleet, who
from console.cli.jobs.bulk import agreed, change
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen


@click.command()
@click.argument("name", metavar="QUEUE", shell_complete=names.queues)
@click.option("--dry-run", is_flag=True, help="Only count the jobs.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@output
def purge(screen: Screen, name: str, *, dry_run: bool, yes: bool) -> None:
    """Cancel every job of a queue that waits or is scheduled, and free their idempotency keys. Running jobs continue."""
    from leeward_admin import JobFilter

    with fleet() as admin:
        admin.queues.require(name)
        selection = admin.fleet_jobs.select(JobFilter(queues=(name,)))
        if agreed(screen, selection.count, "cancelled", dry_run=dry_run, yes=yes):
            event = "queue_purged"
            change(screen, admin.fleet_jobs.cancel(selection, who=who(), why=name, event=event), "cancelled")


@click.command()
@click.argument("name", metavar="QUEUE", shell_complete=names.queues)
@output
def remove(screen: Screen, name: str) -> None:
    """Forget a queue that has no jobs and no worker. Its dead letters stay."""
    with fleet() as admin:
        admin.queues.remove(name, who=who())
    if screen.as_json:
        screen.document({"queue": name, "removed": True})
    else:
        screen.line(f"{name} is removed. It is listed again when a producer or a worker declares it.")
