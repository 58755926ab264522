"""`leeward jobs`: lists of jobs."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet
from console.cli.jobs.bulk import cancel, reprioritise
from console.cli.jobs.filter_options import conditions, filter_from
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen
from console.cli.terminal.time_text import span_text, when

if TYPE_CHECKING:
    from leeward_admin import JobPage, ListedJob

STATES = {"waiting": "ready", "running": "running", "scheduled": "scheduled", "ended": "done"}
_MOST = 1_000
COLUMNS = {
    "waiting": ("job", "queue", "lane", "kind", "partition", "age", "attempts"),
    "scheduled": ("job", "queue", "kind", "due", "age", "attempts"),
    "running": ("job", "queue", "kind", "worker", "age", "attempts"),
    "ended": ("job", "state", "queue", "kind", "ended", "reason"),
}


@click.group(cls=CommandGroup, invoke_without_command=True)
@click.option("--state", type=click.Choice(tuple(STATES)), default="waiting", show_default=True, help="Which list.")
@conditions
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="At most this many.")
@click.option("--after", help="Continue after a page: the `next` that it named.")
@output
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
    if screen.as_json:
        screen.document(_document(page))
        return
    if page.jobs:
        now = datetime.now(UTC)
        screen.table(COLUMNS[state], [_row(job, state, now) for job in page.jobs])
    _remark(screen, page, state)


jobs.add_command(cancel)
jobs.add_command(reprioritise)


def _remark(screen: Screen, page: "JobPage", state: str) -> None:
    if page.is_partial:
        screen.remark(f"{page.looked_at:,} jobs were looked at: others may match. Continue with --after {page.after}")
    elif page.after:
        screen.remark(f"There are more: add --after {page.after}")
    elif not page.jobs:
        screen.remark("No job matches." if state == "ended" else f"No job is {state} that matches.")


def _row(job: "ListedJob", state: str, now: datetime) -> tuple[object, ...]:
    cells: dict[str, object] = {
        "job": job.job_id,
        "state": job.state,
        "queue": job.queue,
        "lane": "suspect" if job.suspect else job.lane,
        "kind": job.kind,
        "partition": job.partition,
        "age": span_text(now - job.enqueued_at) if job.enqueued_at else None,
        "due": when(job.due) if job.due else None,
        "attempts": job.attempts or None,
        "worker": job.worker,
        "ended": when(job.ended_at) if job.ended_at else None,
        "reason": job.reason,
    }
    return tuple(cells[name] for name in COLUMNS[state])


def _document(page: "JobPage") -> dict[str, Any]:
    return {
        "jobs": [job_document(job) for job in page.jobs],
        "next": None if page.after is None else str(page.after),
        "looked_at": page.looked_at,
        "partial": page.is_partial,
    }


def job_document(job: "ListedJob") -> dict[str, Any]:
    """A list's item."""
    found = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(job).items()}
    lane = found.pop("lane") or None
    return {"job": found.pop("job_id")} | found | {"priority": lane}
