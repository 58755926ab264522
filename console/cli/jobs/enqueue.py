"""`leeward enqueue`: one job from the command line, or many from JSON Lines."""

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, TextIO

import click

from console.cli.commands import ended
from console.cli.completion import names
from console.cli.exit_code import ExitCode
from console.cli.fleet import fleet
from console.cli.terminal.choice import NearestChoice
from console.cli.terminal.duration import DurationType
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen

if TYPE_CHECKING:
    from leeward import Request
    from leeward.record import FleetRecord
    from leeward_admin import Admin, EnqueuedLine

LANES = ("interactive", "normal", "bulk")


@click.command(short_help="Enqueue one job, or many from JSON Lines.")
@click.argument("kind", required=False, shell_complete=names.kinds)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A field as text, or NAME:=JSON as JSON.")
@click.option(
    "--json-file",
    type=click.File("r", encoding="utf-8", errors="surrogateescape"),
    help="The payload, or many jobs; - is standard input.",
)
@click.option("--key", help="Idempotency key: the same key and payload is the same job.")
@click.option("--delay", type=DurationType(), help="How long to wait, for example 10s or 2h.")
@click.option("--priority", type=NearestChoice(LANES), help="The lane; by default that of the kind.")
@click.option("--deadline", type=DurationType(), help="How long the job may wait and run, for example 2h.")
@click.option("--run-at", metavar="INSTANT", help="When it may start, for example 2027-01-31T09:00:00+01:00.")
@click.option("--partition", help="Whose job it is, a tenant or a user: partitions take turns.")
@click.option("--tag", "tags", multiple=True, help="Finds the job again in lists; up to 8.")
@click.option("--request-id", help="What caused it, in logs and dead letters.")
@click.option("--traceparent", help="W3C trace context.")
@click.option("--require-worker", is_flag=True, help="Enqueue nothing that no live worker serves.")
@output
@click.pass_context
def enqueue(
    context: click.Context,
    /,
    screen: Screen,
    *,
    kind: str | None,
    settings: tuple[str, ...],
    json_file: TextIO | None,
    require_worker: bool,
    **options: Any,
) -> None:
    """Enqueue a job of KIND, or without KIND many: JSON Lines from standard input or --json-file.

    \b
    leeward enqueue sync.invoice --set number=INV-7 --set cents:=250 --key order-17
    leeward enqueue sync.invoice --json-file invoice.json --delay 10m
    leeward enqueue < jobs.jsonl

    Each line is {"kind": "sync.invoice", "payload": {"number": "INV-7"}} and may have "key", "delay", "run_at",
    "priority", "deadline", "partition", "tags", "request_id", "traceparent".
    Keep secrets out of --set: others can read a command line. Give them in a file.
    """  # noqa: D301 # \b makes click keep these lines
    if kind is None:
        _many(context, screen, json_file, (*settings, *options.values()), require_worker=require_worker)
        return
    from console.cli.jobs.payload import payload_from
    from leeward_admin import request_for

    with fleet() as admin:
        payload = payload_from(kind, settings, json_file)
        _one(screen, admin, request_for(kind, payload, **options), require_worker=require_worker)


def _one(screen: Screen, admin: "Admin", request: "Request", *, require_worker: bool) -> None:
    options = request._asdict()
    enqueued = admin.jobs.enqueue(**options, require_worker=require_worker)
    _warn_of_unserved(screen, admin.record, {request.job.queue})
    if screen.as_json:
        outcome = "duplicate" if enqueued.duplicate else "enqueued"
        screen.document(
            {"job": enqueued.job_id, "outcome": outcome, "queue": request.job.queue, "state": enqueued.state}
        )
    elif enqueued.duplicate:
        screen.line(f"{enqueued.job_id} has this key and payload already ({enqueued.state}); nothing was added.")
    else:
        screen.line(f"{enqueued.job_id} is enqueued on {request.job.queue}.")


def _many(
    context: click.Context, screen: Screen, file: TextIO | None, alone: tuple[object, ...], *, require_worker: bool
) -> None:
    if any(alone):
        raise click.UsageError("Nothing to enqueue: --set and the options of a job need a KIND.")
    lines = file or sys.stdin
    if file is None and sys.stdin.isatty():
        raise click.UsageError("Nothing to enqueue: give a KIND, or JSON Lines on standard input.")
    from leeward_admin import enqueue_lines

    counts, queues = Counter[str](), set[str]()
    with fleet() as admin:
        for line in enqueue_lines(admin.jobs, lines, require_worker=require_worker):
            counts[line.outcome.value] += 1
            queues.update([line.queue] if line.queue and line.job_id else [])
            _show_line(screen, line)
        _warn_of_unserved(screen, admin.record, queues)
    said = ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items())
    screen.remark(said or "There was no line: nothing was enqueued.")
    context.exit(_verdict(counts))


def _warn_of_unserved(screen: Screen, record: "FleetRecord", queues: set[str]) -> None:
    for queue in sorted(queues):
        if no_worker := record.known_unserved(queue):
            screen.remark(f"Warning: {ended(str(no_worker))} Its jobs wait until one does.")


def _show_line(screen: Screen, line: "EnqueuedLine") -> None:
    if screen.as_json:
        record = {"line": line.number, "outcome": line.outcome.value, "job": line.job_id, "error": line.error}
        screen.record({name: value for name, value in record.items() if value is not None})
    elif line.error is not None:
        screen.remark(f"line {line.number}: {line.outcome.value}: {line.error}")
    else:
        screen.row(line.job_id, line.outcome.value)


def _verdict(counts: Counter[str]) -> ExitCode:
    if counts.keys() - {"enqueued", "duplicate", "conflict"}:
        return ExitCode.FAILED
    return ExitCode.CONFLICT if counts["conflict"] else ExitCode.OK
