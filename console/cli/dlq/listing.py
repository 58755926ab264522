"""`leeward dlq list`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from console.cli.dlq.documents import group_document, summary_document
from console.cli.dlq.filter_options import conditions, filter_from
from console.cli.fleet import fleet
from console.cli.terminal.printable import printable
from console.cli.terminal.screen import Screen, output
from console.cli.terminal.time_text import span_text, when

if TYPE_CHECKING:
    from leeward_admin import Group, Page, Summary

COLUMNS = ("id", "died", "age", "provider", "actor", "tenant", "reason", "state", "owner", "error")
ERROR_WIDTH = 80
_MOST = 1_000


@click.command("list")
@conditions
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="At most this many.")
@click.option("--after", help="Continue after a page: the `next` that it named.")
@click.option("--counts", is_flag=True, help="Only counts, by provider, actor and reason.")
@output
def list_(screen: Screen, *, limit: int, after: str | None, counts: bool, **chosen: Any) -> None:
    """List dead letters, the newest first."""
    filter_ = filter_from(chosen)
    from leeward_admin import Cursor

    cursor = None if after is None else Cursor(_id(after))
    with fleet() as admin:
        if counts:
            show_counts(screen, admin.dead_letters.counts(filter_))
        else:
            _show(screen, admin.dead_letters.page(filter_, limit=limit, after=cursor))


def show_counts(screen: Screen, groups: "list[Group]") -> None:
    """How many there are of each kind, and in all."""
    total = sum(group.letters for group in groups)
    if screen.as_json:
        screen.document({"total": total, "groups": [group_document(group) for group in groups]})
        return
    screen.table(("provider", "actor", "reason", "letters"), groups)
    screen.remark(f"{total:,} dead letters.")


def _show(screen: Screen, page: "Page") -> None:
    following = None if page.after is None else str(page.after.id)
    if screen.as_json:
        screen.document({"dead_letters": [summary_document(letter) for letter in page.rows], "next": following})
        return
    if not page.rows:
        screen.remark("No dead letter matches.")
        return
    now = datetime.now(UTC)
    screen.table(COLUMNS, [_row(letter, now) for letter in page.rows])
    if following:
        screen.remark(f"There are more: add --after {following}")


def _row(letter: "Summary", now: datetime) -> tuple[object, ...]:
    return (
        letter.id,
        when(letter.died_at),
        span_text(now - letter.died_at),
        letter.provider,
        letter.actor,
        letter.tenant,
        letter.reason,
        letter.state,
        letter.owner,
        _error(letter.error_message),
    )


def _error(message: str | None) -> str:
    return printable(message or "", limit=ERROR_WIDTH)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise click.UsageError(
            f"--after {text!r} is not valid: copy the `next` that the previous page named."
        ) from None
