"""`leeward jobs cancel|reprioritise`: changes to all jobs that a filter finds."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet, who
from console.cli.jobs.filter_options import LANES, conditions, filter_from, unknown_in
from console.cli.terminal.choice import NearestChoice
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen

if TYPE_CHECKING:
    from leeward_admin import Admin, JobSelection

Command = Callable[..., Any]
STATES = {"waiting": "ready", "scheduled": "scheduled"}


def _which(command: Command) -> Command:
    """Gives a command ids or conditions, and the options of a change to many."""
    options: list[Command] = [
        click.argument("ids", nargs=-1, metavar="[JOB]..."),
        click.option("--state", type=NearestChoice(tuple(STATES)), help="Only those that wait, or are scheduled."),
        conditions,
        click.option("--dry-run", is_flag=True, help="Only count them."),
        click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_which
@output
def cancel(screen: Screen, *, ids: tuple[str, ...], state: str | None, dry_run: bool, yes: bool, **chosen: Any) -> None:
    """Cancel all jobs that wait or are scheduled and meet every condition. Running jobs are left alone.

    Broken off, the same command does the rest. Without a terminal it only counts, unless --yes is given.
    """
    with fleet() as admin:
        selection = _selected(screen, admin, ids, state, chosen)
        if agreed(screen, selection.count, "cancelled", dry_run=dry_run, yes=yes):
            change(screen, admin.fleet_jobs.cancel(selection, who=who(), why=_described(ids, chosen)), "cancelled")


@click.command()
@_which
@click.option("--to", "lane", type=NearestChoice(LANES), required=True, help="Their new lane.")
@output
def reprioritise(
    screen: Screen, *, ids: tuple[str, ...], state: str | None, lane: str, dry_run: bool, yes: bool, **chosen: Any
) -> None:
    """Move all jobs that wait or are scheduled and meet every condition to another lane, to its end."""
    from leeward import Priority

    with fleet() as admin:
        selection = _selected(screen, admin, ids, state, chosen)
        if agreed(screen, selection.count, f"moved to {lane}", dry_run=dry_run, yes=yes):
            why = _described(ids, chosen)
            change(screen, admin.fleet_jobs.reprioritise(selection, Priority(lane), who=who(), why=why), "moved")


def _selected(
    screen: Screen, admin: "Admin", ids: tuple[str, ...], state: str | None, chosen: dict[str, Any]
) -> "JobSelection":
    from leeward import JobState

    filter_ = filter_from(chosen)
    if ids and not filter_.is_empty:
        raise click.UsageError("Give ids or conditions, not both.")
    if ids:
        return admin.fleet_jobs.named(map(admin.job_id_of, ids))
    for said in unknown_in(admin, filter_):
        screen.remark(said)
    states = (JobState(STATES[state]),) if state else (JobState.READY, JobState.SCHEDULED)
    return admin.fleet_jobs.select(filter_, states)


def _described(ids: tuple[str, ...], chosen: dict[str, Any]) -> str:
    """Which jobs were meant, for the record."""
    given = [
        f"{name} {', '.join(map(str, value)) if isinstance(value, tuple) else value}"
        for name, value in chosen.items()
        if value
    ]
    return "; ".join(given) or f"{len(ids)} by id"


def agreed(screen: Screen, count: int, what: str, *, dry_run: bool, yes: bool) -> bool:
    """Whether it is to be done. Without a terminal and `--yes` only the count is shown."""
    if dry_run or count == 0 or not (yes or (sys.stdin.isatty() and not screen.as_json)):
        if screen.as_json:
            screen.document({"dry_run": True, "jobs": count})
        else:
            screen.line(f"{count:,} jobs would be {what}.")
            if count and not dry_run:
                screen.remark("Nothing was changed: say so with --yes.")
        return False
    if not yes and not click.confirm(f"{count:,} jobs will be {what}. Continue?", err=True):
        raise click.Abort
    return True


def change(screen: Screen, batches: "Iterator[Counter[str]]", done: str) -> None:
    """Works it off and shows how many were changed, and how many were not and why."""
    total = sum(batches, Counter[str]())
    if screen.as_json:
        screen.document({done: total.pop(done, 0), "left": dict(total)})
        return
    screen.line(f"{total.pop(done, 0):,} jobs are {done}.")
    reasons = {"running": "run by now", "ended": "have ended", "again": "changed meanwhile: repeat the command"}
    for reason, number in sorted(total.items()):
        screen.line(f"{number:,} {reasons.get(reason, reason)}.")
