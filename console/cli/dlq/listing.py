"""`leeward dlq list`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from console.cli.dlq.documents import summary_document
from console.cli.dlq.filter_options import conditions, filter_from, unknown_in
from console.cli.fleet import fleet
from console.cli.terminal.output import listing_output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing

if TYPE_CHECKING:
    from leeward_admin import Group, Page, Summary

LETTERS: "Listing[Summary]" = Listing(
    name="dead_letters",
    columns=(
        Column(key="id", value=lambda letter: letter.id, short=True),
        Column(key="died_at", heading="died", value=lambda letter: letter.died_at),
        Column(key="provider", value=lambda letter: letter.provider, cut=True),
        Column(key="actor", value=lambda letter: letter.actor, cut=True),
        Column(key="tenant", value=lambda letter: letter.tenant, wide=True),
        Column(key="reason", value=lambda letter: letter.reason),
        Column(key="state", value=lambda letter: letter.state, wide=True),
        Column(key="owner", value=lambda letter: letter.owner, wide=True),
        Column(key="error_message", heading="error", value=lambda letter: letter.error_message, cut=True),
    ),
    more=summary_document,
)
COUNTS: "Listing[Group]" = Listing(
    name="groups",
    columns=(
        Column(key="provider", value=lambda group: group.provider),
        Column(key="actor", value=lambda group: group.actor),
        Column(key="reason", value=lambda group: group.reason),
        Column(key="letters", value=lambda group: group.letters),
    ),
)
NO_MATCH = "No dead letter matches."
_MOST = 1_000


@click.command("list")
@conditions
@click.option("--any-state", is_flag=True, help="Also those that are decided; by default only open ones are listed.")
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="At most this many.")
@click.option("--after", help="Continue after a page: the `next` that it named.")
@click.option("--counts", is_flag=True, help="Only counts, by provider, actor and reason.")
@listing_output
def list_(screen: Screen, *, any_state: bool, limit: int, after: str | None, counts: bool, **chosen: Any) -> None:
    """List open dead letters, the newest first."""
    filter_ = filter_from(chosen)
    only_open = not (any_state or filter_.states or filter_.replays)
    from leeward_admin import OPEN, Cursor

    if only_open:
        filter_ = replace(filter_, states=OPEN)
    cursor = None if after is None else Cursor(_id(after))
    with fleet() as admin:
        if counts:
            show_counts(screen, admin.dead_letters.counts(filter_))
        else:
            page = admin.dead_letters.page(filter_, limit=limit, after=cursor)
            _show(screen, page, only_open=only_open)
            for said in [] if page.rows else unknown_in(admin, filter_):
                screen.remark(said)


def show_counts(screen: Screen, groups: "list[Group]") -> None:
    """How many there are of each kind, and in all."""
    total = sum(group.letters for group in groups)
    screen.listing(COUNTS, groups, beside={"total": total})
    if not screen.is_for_programs:
        screen.remark(f"{total:,} dead letters.")


def _show(screen: Screen, page: "Page", *, only_open: bool) -> None:
    following = None if page.after is None else str(page.after.id)
    nothing = "No open dead letter matches. Add --any-state for those that are decided." if only_open else NO_MATCH
    screen.listing(LETTERS, page.rows, beside={"next": following}, empty=nothing)
    if following and not screen.as_json:
        screen.remark(f"There are more: add --after {following}")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise click.UsageError(
            f"--after {text!r} is not valid: copy the `next` that the previous page named."
        ) from None
