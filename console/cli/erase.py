"""`leeward erase`: a person's data leaves the fleet."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from console.cli.exit_code import ExitCode
from console.cli.fleet import fleet, who
from console.cli.terminal.output import listing_output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.cells import json_value
from console.cli.terminal.tables.listing import Column, Listing
from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward_admin import ErasureRecord, ErasureReport

RECORDS: "Listing[ErasureRecord]" = Listing(
    name="erasures",
    columns=(
        Column(key="id", value=lambda record: record.id, short=True),
        Column(key="at", value=lambda record: record.at),
        Column(key="who", value=lambda record: record.who, cut=True),
        Column(key="changed", value=lambda record: sum(record.counts.values())),
        Column(key="left", value=lambda record: sum(record.remains.values()) or None),
        Column(key="subject_hash", value=lambda record: record.subject_hash, wide=True),
    ),
    more=lambda record: {"counts": record.counts, "remains": record.remains},
)


@click.command()
@click.option("--subject", metavar="TEXT", help="A mail address or a user name; - reads it from standard input.")
@click.option("--dry-run", is_flag=True, help="Only show what names the person.")
@click.option("--cancel-jobs", is_flag=True, help="Also cancel the person's waiting and scheduled jobs.")
@click.option("--records", is_flag=True, help="Show which erasures were done, of this person or of all.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@listing_output
def erase(
    screen: Screen, *, subject: str | None, dry_run: bool, cancel_jobs: bool, records: bool, yes: bool
) -> ExitCode:
    """Erase a person's data from dead letters, their audit, results, events and accounts.

    A pseudonym takes the person's place. What is left (running jobs, accounts that are to expire, letters under legal hold) is listed, and
    the exit code is 1 then. docs/privacy.md says what is not reached: backups and logs.
    """
    subject = sys.stdin.read().strip() if subject == "-" else subject
    with fleet() as admin:
        if records:
            screen.listing(RECORDS, admin.erasure.records(subject), empty="No erasure is recorded.")
            return ExitCode.OK
        if not subject:
            raise click.UsageError("Whose data? Give --subject.")
        found = admin.erasure.find(subject, cancel_jobs=cancel_jobs)
        is_agreed = yes or (not dry_run and sys.stdin.isatty() and not screen.is_for_programs)
        if dry_run or not is_agreed:
            _show(
                screen, found, "dry run: nothing was changed" if dry_run else "nothing was changed: say so with --yes"
            )
            return ExitCode.OK
        if not yes:
            _show(screen, found, "this is what names the person")
            click.confirm("Erase it? This cannot be undone.", abort=True, err=True)
        done = admin.erasure.erase(subject, who=who(), cancel_jobs=cancel_jobs)
    _show(screen, done, f"erased: {done.pseudonym} replaces the person")
    return ExitCode.FAILED if done.remains else ExitCode.OK


def _show(screen: Screen, report: "ErasureReport", title: str) -> None:
    if screen.is_for_programs:
        screen.document(_document(report))
        return
    for what, number in report.counts.items():
        if number:
            screen.line(f"{what + ':':<18}{number:,}")
    if not sum(report.counts.values()):
        screen.line("Nothing names this person.")
    if report.remains:
        screen.line("left:")
    for one in report.remains:
        screen.line(f"  {one.what} {one.id}: {one.why}")
    if report.record:
        screen.line(f"recorded as {report.record.id}, {when(report.record.at)}")
    screen.remark(f"{title[0].upper()}{title[1:]}.")


def _document(report: "ErasureReport") -> dict[str, Any]:
    found: dict[str, Any] = {
        "dry_run": report.record is None,
        "pseudonym": report.pseudonym,
        "subject_hash": report.subject_hash,
        "counts": report.counts,
        "left": [asdict(one) for one in report.remains],
        "record": report.record and str(report.record.id),
    }
    document: dict[str, Any] = json_value(found)
    return document
