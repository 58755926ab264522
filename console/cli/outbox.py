"""`leeward outbox relay|status|refused|retry|discard|migrate`: jobs that producers write in their own transactions."""

from typing import TYPE_CHECKING

import click

from console.cli.fleet import fleet
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import listing_output, output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing, Tone

if TYPE_CHECKING:
    from leeward_admin import OutboxProvider, OutboxStatus, RefusedJob

_MOST = 10_000

PROVIDERS: "Listing[OutboxProvider]" = Listing(
    name="providers",
    columns=(
        Column(key="provider", value=lambda row: row.provider, cut=True),
        Column(key="waiting", value=lambda row: row.waiting),
        Column(key="oldest", value=lambda row: row.oldest),
        Column(
            key="refused",
            value=lambda row: row.refused,
            text=lambda row: sum(row.refused.values()),
            tone=lambda row: Tone.BAD if row.refused else Tone.PLAIN,
        ),
    ),
)
REFUSED: "Listing[RefusedJob]" = Listing(
    name="refused",
    columns=(
        Column(key="job", value=lambda row: row.job_id, short=True),
        Column(key="kind", value=lambda row: row.kind, cut=True),
        Column(key="refused_at", heading="since", value=lambda row: row.refused_at),
        Column(key="detail", heading="reason", value=lambda row: row.reason, wrap=True),
        Column(key="provider", value=lambda row: row.provider, wide=True),
        Column(key="reason", heading="code", value=lambda row: row.code, wide=True),
        Column(key="added_at", heading="added", value=lambda row: row.added_at, wide=True),
    ),
)


@click.group(cls=CommandGroup)
def outbox() -> None:
    """The outbox of a producer's database: jobs that its transactions write."""


@outbox.command()
@output
def relay(screen: Screen) -> None:
    """Run a relay, which enqueues what transactions have written. Any number may run."""
    from leeward_admin import log_as_configured, outbox_relay, settings_to_work

    outbox_relay(log_as_configured(settings_to_work(), form="json" if screen.as_json else None))


@outbox.command()
@listing_output
def status(screen: Screen) -> None:
    """Show what waits in the outbox, what is kept aside, and which relays move it on."""
    with fleet() as admin:
        found = admin.outbox.status()
    relays = [{"pid": one.pid, "host": one.host} for one in found.relays]
    beside = {"address": found.address, "relays": relays}
    screen.listing(PROVIDERS, found.providers(), beside=beside, empty="The outbox is empty.")
    if not screen.is_for_programs:
        screen.remark(_relays(found))
        if found.refused:
            screen.remark("Refused rows are kept until a person decides: see `leeward outbox refused`.")


@outbox.command()
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="At most this many.")
@listing_output
def refused(screen: Screen, *, limit: int) -> None:
    """List the rows that can never be enqueued as they are, oldest first, with the reason of each."""
    with fleet() as admin:
        found = admin.outbox.refused(limit)
    screen.listing(REFUSED, found, empty="No row is kept aside.")
    if found and not screen.is_for_programs:
        screen.remark("Try again with `leeward outbox retry JOB`, or give it up with `leeward outbox discard JOB`.")


@outbox.command()
@click.argument("jobs", metavar="[JOB]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All rows that are kept aside.")
@output
def retry(screen: Screen, *, jobs: tuple[str, ...], every: bool) -> None:
    """Let rows that are kept aside wait for the relay again."""
    if bool(jobs) == every:
        raise click.UsageError("name the jobs, or write --all")
    with fleet() as admin:
        rows = admin.outbox.retry(None if every else jobs)
    _count(screen, "returned", rows)


@outbox.command()
@click.argument("jobs", metavar="JOB...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@output
def discard(screen: Screen, *, jobs: tuple[str, ...], yes: bool) -> None:
    """Delete rows that are kept aside. Their jobs are never enqueued."""
    from console.cli.terminal.confirmation import confirm

    confirm(f"Rows to be deleted from the outbox: {len(jobs):,}.", changes=len(jobs), yes=yes, as_json=screen.as_json)
    with fleet() as admin:
        rows = admin.outbox.discard(jobs)
    _count(screen, "discarded", rows)


@outbox.command()
@click.option("--sql", is_flag=True, help="Only print the statements, for the application's own migrations.")
@output
def migrate(screen: Screen, *, sql: bool) -> None:
    """Make the table of the outbox where it is missing. Safe to run any number of times."""
    if sql:
        from leeward_admin import Outbox

        statements = Outbox.migration()
        if screen.as_json:
            screen.document({"statements": list(statements)})
        else:
            screen.text(";\n\n".join(statements) + ";")
        return
    with fleet() as admin:
        admin.outbox.migrate()
    if screen.as_json:
        screen.document({"migrated": True})
    else:
        screen.line("The database has the table leeward_outbox.")


def _count(screen: Screen, done: str, rows: int) -> None:
    if screen.as_json:
        screen.document({done: rows})
    else:
        screen.line(f"{done.capitalize()}: {rows:,}.")


def _relays(found: "OutboxStatus") -> str:
    if not found.relays:
        return f"No relay is connected to {found.address}: start one with `leeward outbox relay`."
    hosts = ", ".join(sorted({one.host or "the database's machine" for one in found.relays}))
    return f"Relays at work: {len(found.relays)}, from {hosts}."
