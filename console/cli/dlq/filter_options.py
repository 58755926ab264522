"""The options that select dead letters."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from console.cli.completion import names
from console.cli.completion.names import one_of
from console.cli.fleet import fleet, unknown_names

if TYPE_CHECKING:
    from leeward_admin import Admin, Filter

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

REASONS = (
    "exhausted", "permanent", "expired", "crash_loop", "invalid", "undecodable", "unknown_actor", "unknown_outcome",
)  # fmt: skip
STATES = ("failed", "reviewing", "requeued", "discarded", "recovered")

WHOLE_ID = 32
WHOLE_FINGERPRINT = 16
"""Characters; what is shorter is the beginning of one."""

_OPTIONS = (
    click.option("--reason", multiple=True, shell_complete=one_of(REASONS), help=f"Why it died: {', '.join(REASONS)}."),
    click.option("--provider", multiple=True, shell_complete=names.providers, help="The provider, for example media."),
    click.option("--queue", multiple=True, shell_complete=names.queues, help="The queue, for example sync.media."),
    click.option(
        "--actor", multiple=True, shell_complete=names.kinds, help="The kind of job, for example sync.invoice."
    ),
    click.option("--operation", multiple=True, help="What the job was doing, for example create_user."),
    click.option("--tenant", multiple=True, help="The tenant of the job (its partition)."),
    click.option("--state", multiple=True, shell_complete=one_of(STATES), help=f"The state: {', '.join(STATES)}."),
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
        InvalidFilter, AmbiguousId: with what to write instead.
        UnknownFilter: no filter has this name.
        UnknownDeadLetter, UnknownReplay: no id begins as one that was typed.
    """
    from leeward_admin import Filter

    now = datetime.now(UTC)
    conditions, ids = _whole_ids(dict(chosen), ids)
    saved = conditions.pop("saved", None)
    typed = Filter.parse(now=now, ids=ids, **conditions)
    if saved is None:
        return typed
    with fleet() as admin:
        return admin.dead_letters.filters.filter(saved, now).narrowed(typed)


def unknown_in(admin: "Admin", filter_: "Filter") -> list[str]:
    """A sentence about each queue, provider and actor of a filter that the fleet does not know."""
    return unknown_names(admin, provider=filter_.providers, queue=filter_.queues, actor=filter_.actors)


def _whole_ids(chosen: dict[str, Any], ids: tuple[str, ...]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """With the ids whose beginnings were typed. Asks the database only about those."""
    replays, groups = chosen.get("replay", ()), chosen.get("fingerprint", ())
    if all(len(id_) >= WHOLE_ID for id_ in (*ids, *replays)) and all(len(text) >= WHOLE_FINGERPRINT for text in groups):
        return chosen, ids
    with fleet() as admin:
        letters = [str(admin.dead_letters.id_of(id_)) for id_ in ids]
        chosen["replay"] = tuple(str(admin.replays.id_of(id_)) for id_ in replays)
        chosen["fingerprint"] = tuple(admin.failure_groups.fingerprint_of(text) for text in groups)
    return chosen, tuple(letters)
