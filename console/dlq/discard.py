"""`leeward dlq discard`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from console.dlq.agreement import agree
from console.dlq.conditions import conditions, filter_from
from console.dlq.listing import show_counts
from console.exit_code import ExitCode
from console.fleet import fleet, who
from console.screen import Screen, output

if TYPE_CHECKING:
    from storage.dead_letters import Filter, Summary
    from workers.admin_dead_letters import DeadLetters

_PAGE = 200


@click.command()
@click.argument("dead_letters", metavar="[ID]...", nargs=-1)
@conditions
@click.option("--note", required=True, help="Why; kept with the dead letter and in its audit.")
@click.option("--dry-run", is_flag=True, help="Only say how many.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output
@click.pass_context
def discard(
    context: click.Context,
    /,
    screen: Screen,
    *,
    dead_letters: tuple[str, ...],
    note: str,
    dry_run: bool,
    yes: bool,
    **chosen: Any,
) -> None:
    """Decide that the jobs of these dead letters will not be done."""
    if not dead_letters and not any(chosen.values()):
        raise click.UsageError("Say which: ids, or a filter as --reason invalid.")
    filter_ = filter_from(chosen, dead_letters)
    with fleet() as admin:
        found = admin.dead_letters
        groups = found.counts(_open(filter_))
        if dry_run:
            show_counts(screen, groups)
            return
        letters = sum(group.letters for group in groups)
        agree(f"Discard {letters:,} dead letters?", changes=letters, yes=yes, as_json=screen.as_json)
        wanted = _named(found, filter_) if filter_.ids else _matching(found, _open(filter_))
        context.exit(_discard(found, screen, wanted, note))


def _open(filter_: "Filter") -> "Filter":
    from storage.state import OPEN

    closed = [state for state in filter_.states if state not in OPEN]
    if closed:
        raise click.UsageError(f"{', '.join(closed)} dead letters cannot be discarded: use {' or '.join(OPEN)}.")
    return replace(filter_, states=filter_.states or OPEN)


def _named(found: "DeadLetters", filter_: "Filter") -> "Iterator[Summary]":
    for id_ in filter_.ids:
        yield found.get(id_)[0]


def _matching(found: "DeadLetters", filter_: "Filter") -> "Iterator[Summary]":
    page = found.page(filter_, limit=_PAGE)
    yield from page.rows
    while page.after:
        page = found.page(filter_, limit=_PAGE, after=page.after)
        yield from page.rows


def _discard(found: "DeadLetters", screen: Screen, wanted: "Iterator[Summary]", note: str) -> ExitCode:
    """One at a time, on the version that was just read: what somebody else has taken meanwhile is left alone and told."""
    from storage.dead_letters import Conflict, ImpossibleStep

    discarded = conflicts = 0
    for letter in wanted:
        told: dict[str, Any] = {"id": str(letter.id), "outcome": "discarded"}
        try:
            found.discard(letter.id, letter.version, who=who(), note=note)
            discarded += 1
        except (Conflict, ImpossibleStep) as error:
            conflicts += 1
            told |= {"outcome": "conflict", "error": str(error)}
        if screen.as_json:
            screen.record(told)
        elif "error" in told:
            screen.remark(f"{letter.id}: {told['error']}")
    if not screen.as_json:
        screen.line(f"{discarded:,} discarded.")
    return ExitCode.CONFLICT if conflicts else ExitCode.OK
