"""`leeward job why|cancel`."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet
from console.cli.jobs.show import show
from console.cli.terminal.duration import DurationType
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen
from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward_admin import WaitingReason


@click.group(cls=CommandGroup)
def job() -> None:
    """Show a job and what it waits for, or cancel it."""


job.add_command(show)


@job.command()
@click.argument("job_id", metavar="JOB")
@output
def why(screen: Screen, job_id: str) -> None:
    """Show what a job waits for: which guard holds it, since when, and the expected end."""
    from console.cli.commands import with_hint

    with fleet() as admin:
        status = admin.jobs.status(admin.job_id_of(job_id))
        found = admin.providers.why(status, now=datetime.now(UTC))
    if screen.as_json:
        listed = [_reason_document(reason) for reason in found]
        screen.document({"job": status.job_id, "state": status.state, "reasons": listed})
        return
    if not found:
        screen.line(f"It does not wait: it is {status.state}.")
    for reason in found:
        since = f", since {when(reason.since)}" if reason.since else ""
        until = f", expected until {when(reason.until)}" if reason.until else ""
        screen.paragraph(with_hint(f"{reason.text}{since}{until}", reason.actions), after=f"{reason.guard}: ")


@job.command()
@click.argument("job_id", metavar="JOB")
@click.option(
    "--wait", type=DurationType(), default="2s", show_default=True, help="How long to wait for a running job to end."
)
@output
def cancel(screen: Screen, job_id: str, wait: timedelta) -> None:
    """Remove a job from its queue, and free its idempotency key. A running job ends at its next safe point, unless its effect has begun."""
    from leeward_admin import cancel_job

    heard = False
    with fleet() as admin:
        job_id = admin.job_id_of(job_id)
        verdict = cancel_job(admin.jobs, job_id, wait=wait)
        if not verdict:
            heard = admin.jobs.status(job_id).cancelling == "heard"
    if screen.as_json:
        screen.document({"job": job_id, "state": verdict.value} | ({} if verdict else {"confirmed": heard}))
    elif verdict:
        screen.line(f"{job_id} is cancelled.")
    elif heard:
        screen.line(f"{job_id} still runs. Its worker has confirmed: the job ends at its next safe point.")
    else:
        screen.line(f"{job_id} still runs, and its worker has not confirmed yet.")
        screen.remark("A worker of a release that does not know cancellations runs it to its end.")


def _reason_document(reason: "WaitingReason") -> dict[str, Any]:
    found = {name: _plain(getattr(reason, name)) for name in ("guard", "text", "since", "until")}
    return found | {"actions": [action.document() for action in reason.actions]}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
