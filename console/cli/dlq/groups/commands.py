"""`leeward dlq groups` and `leeward dlq group`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from console.cli.commands import commands
from console.cli.completion import names
from console.cli.dlq.groups.documents import ago, group_detail, ungrouped_remark
from console.cli.dlq.groups.listing import error_of, groups_listing
from console.cli.fleet import fleet, unknown_names
from console.cli.terminal.choice import NearestChoice
from console.cli.terminal.output import listing_output, output
from console.cli.terminal.screen import Screen
from console.cli.terminal.sparkline import sparkline
from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward_admin import Diagnosis, GroupDetail, GroupPage

ORDERS = ("open", "last_seen", "total")
_MOST = 1_000
_TREND_WIDTH = 24
"""Characters, each of two hours: so its line fits into 80."""


@click.command()
@click.option("--provider", multiple=True, shell_complete=names.providers, help="The provider, for example media.")
@click.option("--operation", multiple=True, help="What the job was doing, for example create_user.")
@click.option("--error-type", multiple=True, help="The error's type, for example Transient.")
@click.option("--any-state", is_flag=True, help="Also groups without open letters.")
@click.option(
    "--since",
    help="Last seen at or after: a duration before now, such as 2h or 3d, or a time, such as 2026-01-31T12:00.",
)
@click.option(
    "--order", type=NearestChoice(ORDERS), default="open", show_default=True, help="Sort by this, largest first."
)
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="At most this many.")
@click.option("--after", help="Continue after a page: the `next` that it named.")
@listing_output
def groups(screen: Screen, *, limit: int, after: str | None, **chosen: Any) -> None:
    """Show groups of failures with the same cause: how many, the trend, and what to do."""
    from leeward_admin import GroupCursor, GroupQuery

    now = datetime.now(UTC)
    query = GroupQuery.parse(now=now, **chosen)
    cursor = None if after is None else GroupCursor.parse(after)
    with fleet() as admin:
        page = admin.failure_groups.page(query, now=now, limit=limit, after=cursor)
        ungrouped = admin.failure_groups.ungrouped()
        unknown = [] if page.groups else unknown_names(admin, provider=chosen["provider"])
    _show(screen, page, ungrouped, now)
    for said in unknown:
        screen.remark(said)


@click.command()
@click.argument("fingerprint", metavar="GROUP")
@output
def group(screen: Screen, *, fingerprint: str) -> None:
    """Show one group of failures: its numbers, its trend, the affected tenants, a sample, and what to do next."""
    now = datetime.now(UTC)
    with fleet() as admin:
        detail = admin.failure_groups.get(fingerprint, now=now)
    if screen.as_json:
        screen.document(group_detail(detail))
    else:
        _show_one(screen, detail, now)


def _show(screen: Screen, page: "GroupPage", ungrouped: int, now: datetime) -> None:
    following = None if page.after is None else str(page.after)
    beside = {"next": following, "ungrouped": ungrouped}
    listed = groups_listing(blocks=screen.shows_blocks)
    screen.listing(listed, page.groups, beside=beside, empty="No group of dead letters matches.", now=now)
    if screen.is_for_programs:
        return
    if following:
        screen.remark(f"There are more: add --after {following}")
    if ungrouped:
        screen.remark(ungrouped_remark(ungrouped))


def _show_one(screen: Screen, detail: "GroupDetail", now: datetime) -> None:
    one = detail.group
    states = ", ".join(f"{letters:,} {state}" for state, letters in one.letters.items() if letters)
    line = sparkline(one.hours, width=_TREND_WIDTH, blocks=screen.shows_blocks)
    facts = {
        "group": one.fingerprint,
        "provider": one.provider,
        "operation": one.operation,
        "error": error_of(one),
        "frame": one.frame,
        "reason": one.reason,
        "letters": f"{one.total:,} in all, {one.open:,} open: {states}",
        "first seen": one.first_seen and f"{when(one.first_seen)}, {ago(one.first_seen, now)} ago",
        "last seen": one.last_seen and f"{when(one.last_seen)}, {ago(one.last_seen, now)} ago",
        "trend": f"{one.direction}, {sum(one.hours):,} died in 48 h: [{line}]",
        "tenants": _tenants(detail),
        "owners": ", ".join(f"{owner.name} ({owner.letters:,})" for owner in detail.owners),
        "sample": one.sample and f"leeward dlq show {one.sample}",
    }
    for name, value in facts.items():
        if value:
            screen.paragraph(str(value), after=f"{name + ':':<12}")
    if one.suggestion:
        _suggest(screen, one.suggestion, is_open=bool(one.open))


def _tenants(detail: "GroupDetail") -> str:
    named = ", ".join(f"{tenant.name} ({tenant.letters:,})" for tenant in detail.tenants)
    rest = detail.tenants_in_all - len(detail.tenants)
    return f"{named} and {rest:,} more" if rest else named


def _suggest(screen: Screen, suggestion: "Diagnosis", *, is_open: bool) -> None:
    screen.line(f"{'cause:':<12}{suggestion.cause}")
    if not is_open:
        screen.line(f"{'next:':<12}Nothing: none of its letters is open any more.")
        return
    screen.paragraph(suggestion.next_step, after=f"{'next:':<12}")
    for command in commands(suggestion.actions):
        screen.line(f"    {command}")
