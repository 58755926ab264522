"""The options that say which dead letters."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from storage.dead_letters import Filter

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

REASONS = "exhausted, permanent, expired, crash_loop, invalid, undecodable, unknown_actor, unknown_outcome"
STATES = "failed, reviewing, requeued, discarded, recovered"

_OPTIONS = (
    click.option("--reason", multiple=True, help=f"Why it died: {REASONS}."),
    click.option("--provider", multiple=True, help="The provider, as jellyfin."),
    click.option("--queue", multiple=True, help="The queue, as sync.jellyfin."),
    click.option("--actor", multiple=True, help="The kind of job, as sync.user."),
    click.option("--state", multiple=True, help=f"Where it stands: {STATES}."),
    click.option("--error", help="A part of the error's type or message."),
    click.option("--since", help="Died at or after: a span ago as 2h or 3d, or 2026-01-31T12:00."),
    click.option("--until", help="Died before: the same."),
)


def conditions(command: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Gives a command the filter's options; they arrive as keyword arguments for `filter_from`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def filter_from(chosen: dict[str, Any], ids: tuple[str, ...] = ()) -> "Filter":
    """The filter that was typed.

    Raises:
        InvalidFilter: with what to write instead.
    """
    from storage.dead_letters import Filter

    return Filter.parse(now=datetime.now(UTC), ids=ids, **chosen)
