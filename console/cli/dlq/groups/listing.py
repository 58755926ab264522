"""What `leeward dlq groups` shows of each group."""

from typing import TYPE_CHECKING

from console.cli.dlq.groups.documents import group_summary
from console.cli.terminal.sparkline import sparkline
from console.cli.terminal.tables.listing import Column, Listing

if TYPE_CHECKING:
    from leeward_admin import FailureGroup

TREND_WIDTH = 12


def groups_listing(*, blocks: bool) -> "Listing[FailureGroup]":
    """Args: blocks: whether the terminal can show block characters."""
    return Listing(
        name="groups",
        columns=(
            Column(key="fingerprint", heading="group", value=lambda one: one.fingerprint, short=True),
            Column(key="open", value=lambda one: one.open),
            Column(key="total", heading="all", value=lambda one: one.total),
            Column(key="last_seen", heading="last", value=lambda one: one.last_seen),
            Column(
                key="deaths_by_hour",
                heading="48 h",
                value=lambda one: list(one.hours),
                text=lambda one: sparkline(one.hours, width=TREND_WIDTH, blocks=blocks),
            ),
            Column(key="trend", value=lambda one: one.direction, wide=True),
            Column(key="where", value=where_of, cut=True),
            Column(key="error", value=error_of, cut=True),
            Column(key="cause", value=lambda one: one.suggestion and one.suggestion.cause, cut=True),
        ),
        more=group_summary,
    )


def where_of(one: "FailureGroup") -> str:
    """The provider, and what its jobs were doing."""
    return f"{one.provider} {one.operation or ''}".strip()


def error_of(one: "FailureGroup") -> str:
    """The type and the message of its errors."""
    return ": ".join(part for part in (one.error_type, one.message) if part) or "-"
