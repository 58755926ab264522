"""The options that say which dead letters."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from console.cli.fleet import fleet

if TYPE_CHECKING:
    from leeward_admin import Filter

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

REASONS = "exhausted, permanent, expired, crash_loop, invalid, undecodable, unknown_actor, unknown_outcome"
STATES = "failed, reviewing, requeued, discarded, recovered"

_OPTIONS = (
    click.option("--reason", multiple=True, help=f"Why it died: {REASONS}."),
    click.option("--provider", multiple=True, help="The provider, as media."),
    click.option("--queue", multiple=True, help="The queue, as sync.media."),
    click.option("--actor", multiple=True, help="The kind of job, as sync.user."),
    click.option("--operation", multiple=True, help="What the job was doing, as create_user."),
    click.option("--tenant", multiple=True, help="Whose job it was."),
    click.option("--state", multiple=True, help=f"Where it stands: {STATES}."),
    click.option("--owner", multiple=True, help="Who looks after it."),
    click.option("--fingerprint", multiple=True, help="The group of failures it belongs to."),
    click.option("--replay", multiple=True, metavar="ID", help="The replay that took it last."),
    click.option("--hold/--no-hold", default=None, help="Under legal hold, or not."),
    click.option("--error", help="A part of the error's type or message."),
    click.option(
        "--text", help="Words that all stand in it: error, payload, note, tenant, ids of job, request, trace, key."
    ),
    click.option("--since", help="Died at or after: a duration before now as 2h or 3d, or 2026-01-31T12:00."),
    click.option("--until", help="Died before: the same."),
)
_SAVED = click.option("--filter", "saved", metavar="NAME", help="A saved filter; further conditions narrow it.")


def conditions(command: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Gives a command the filter's options; they arrive as keyword arguments for `filter_from` and `any_chosen`."""
    return typed_conditions(_SAVED(command))


def typed_conditions(command: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """The same without saved filters."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def any_chosen(chosen: dict[str, Any]) -> bool:
    """Whether any condition was typed."""
    return any(value not in (None, (), "") for value in chosen.values())


def filter_from(chosen: dict[str, Any], ids: tuple[str, ...] = ()) -> "Filter":
    """The filter that was typed, within the saved one that was named.

    Raises:
        InvalidFilter: with what to write instead.
        UnknownFilter: no filter has this name.
    """
    from leeward_admin import Filter

    now = datetime.now(UTC)
    conditions = dict(chosen)
    saved = conditions.pop("saved", None)
    typed = Filter.parse(now=now, ids=ids, **conditions)
    if saved is None:
        return typed
    with fleet() as admin:
        return admin.dead_letters.filters.filter(saved, now).narrowed(typed)
