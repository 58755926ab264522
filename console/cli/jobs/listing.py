"""`leeward jobs`: lists of jobs, and the commands that change many."""

from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet
from console.cli.jobs.bulk import cancel, reprioritise
from console.cli.jobs.columns import LISTINGS
from console.cli.jobs.filter_options import conditions, filter_from, unknown_in
from console.cli.terminal.choice import NearestChoice
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import listing_output
from console.cli.terminal.screen import Screen

if TYPE_CHECKING:
    from leeward_admin import JobFilter, JobPage

STATES = {"waiting": "ready", "running": "running", "scheduled": "scheduled", "ended": "done"}
_MOST = 1_000


@click.group(cls=CommandGroup, invoke_without_command=True)
@click.option("--state", type=NearestChoice(tuple(STATES)), default="waiting", show_default=True, help="Which list.")
@conditions
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="At most this many.")
@click.option("--after", help="Continue after a page: the `next` that it named.")
@listing_output
@click.pass_context
def jobs(
    context: click.Context, /, screen: Screen, *, state: str, limit: int, after: str | None, **chosen: Any
) -> None:
    """List jobs: waiting in the order in which workers will get them, running, scheduled, or ended lately."""
    if context.invoked_subcommand is not None:
        return
    from leeward import JobState

    filter_ = filter_from(chosen)
    with fleet() as admin:
        page = admin.fleet_jobs.page(JobState(STATES[state]), filter_, limit=limit, after=after)
        _show(screen, page, state, filter_)
        for said in [] if page.jobs else unknown_in(admin, filter_):
            screen.remark(said)


jobs.add_command(cancel)
jobs.add_command(reprioritise)


def _show(screen: Screen, page: "JobPage", state: str, filter_: "JobFilter") -> None:
    following = None if page.after is None else str(page.after)
    beside = {"next": following, "looked_at": page.looked_at, "partial": page.is_partial}
    what = "No job" if filter_.is_empty else "No job that matches"
    nothing = "" if page.is_partial else f"{what} {'has ended lately' if state == 'ended' else f'is {state}'}."
    screen.listing(LISTINGS[state], page.jobs, beside=beside, empty=nothing)
    if screen.is_for_programs or following is None:
        return
    if page.is_partial:
        screen.remark(f"{page.looked_at:,} jobs were looked at: others may match. Look on with --after {following}")
    else:
        screen.remark(f"There are more: add --after {following}")
