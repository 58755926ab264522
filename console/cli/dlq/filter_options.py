"""The options that select dead letters."""

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
    click.option("--provider", multiple=True, help="The provider, for example media."),
    click.option("--queue", multiple=True, help="The queue, for example sync.media."),
    click.option("--actor", multiple=True, help="The kind of job, for example sync.invoice."),
    click.option("--operation", multiple=True, help="What the job was doing, for example create_user."),
    click.option("--tenant", multiple=True, help="The tenant of the job (its partition)."),
    click.option("--state", multiple=True, help=f"The state: {STATES}."),
    click.option("--owner", multiple=True, help="Its owner."),
    click.option("--fingerprint", multiple=True, help="The group of failures that it belongs to."),
    click.option("--replay", multiple=True, metavar="ID", help="The last replay that took it."),
    click.option("--hold/--no-hold", default=None, help="Under legal hold, or not."),
    click.option("--error", help="A part of the error's type or message."),
    click.option(
        "--text", help="Words that all occur in it: error, payload, note, tenant, ids of job, request, trace, key."
    ),
    click.option(
        "--since",
        help="Died at or after: a duration before now, such as 2h or 3d, or a time, such as 2026-01-31T12:00.",
    ),
    click.option("--until", help="Died before: in the same form."),
)
_SAVED = click.option("--filter", "saved", metavar="NAME", help="A saved filter; other conditions narrow it.")


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
