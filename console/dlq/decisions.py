"""Deciding about many dead letters, one at a time, each on the version that was just read: who was faster is told, not overwritten."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

import click

from console.dlq.agreement import agree
from console.dlq.conditions import any_chosen, filter_from
from console.dlq.listing import show_counts
from console.exit_code import ExitCode
from console.fleet import fleet
from console.screen import Screen

if TYPE_CHECKING:
    from leeward_admin import DeadLetters, Filter, State, Summary

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

_PAGE = 200
_OPTIONS = (
    click.option("--version", type=int, help="Only if nothing has changed since this version; for one ID."),
    click.option("--dry-run", is_flag=True, help="Only say how many."),
    click.option("--yes", is_flag=True, help="Do not ask."),
)


class Step(NamedTuple):
    """What is done to each.

    Attributes:
        verb: as `discard`.
        done: as `discarded`.
        states: in which it is possible.
        take: decides about one, on its version.
        is_due: whether one needs the decision; the others are passed over.
    """

    verb: str
    done: str
    states: "tuple[State, ...]"
    take: "Callable[[DeadLetters, Summary], object]"
    is_due: "Callable[[Summary], bool]" = lambda _: True


def careful(command: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Gives a command the options of `decide`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def decide(
    screen: Screen,
    step: Step,
    ids: tuple[str, ...],
    chosen: dict[str, Any],
    *,
    version: int | None,
    dry_run: bool,
    yes: bool,
) -> ExitCode:
    """Does the step to what was named or what matches; asks before it does so to more than one."""
    if not ids and not any_chosen(chosen):
        raise click.UsageError("Say which: ids, or a filter as --reason invalid.")
    if version is not None and len(ids) != 1:
        raise click.UsageError("--version is of one dead letter: name its id, and no other.")
    filter_ = filter_from(chosen, ids)
    with fleet() as admin:
        found = admin.dead_letters
        possible = _possible(filter_, step)
        if len(ids) != 1:
            groups = found.counts(possible)
            letters = sum(group.letters for group in groups)
            if not dry_run:
                question = f"{step.verb.capitalize()} {letters:,} dead letters?"
                agree(question, changes=letters, yes=yes, as_json=screen.as_json)
        if dry_run:
            show_counts(screen, found.counts(possible))
            return ExitCode.OK
        wanted = _named(found, filter_) if filter_.ids else _matching(found, possible)
        return _decided(screen, step, found, (_at(letter, version) for letter in wanted if step.is_due(letter)))


def _possible(filter_: "Filter", step: Step) -> "Filter":
    impossible = [state for state in filter_.states if state not in step.states]
    if impossible:
        allowed = " or ".join(step.states)
        raise click.UsageError(f"{', '.join(impossible)} dead letters cannot be {step.done}: use {allowed}.")
    return replace(filter_, states=filter_.states or step.states)


def _at(letter: "Summary", version: int | None) -> "Summary":
    return letter if version is None else replace(letter, version=version)


def _named(found: "DeadLetters", filter_: "Filter") -> "Iterator[Summary]":
    for id_ in filter_.ids:
        yield found.get(id_)[0]


def _matching(found: "DeadLetters", filter_: "Filter") -> "Iterator[Summary]":
    page = found.page(filter_, limit=_PAGE)
    yield from page.rows
    while page.after:
        page = found.page(filter_, limit=_PAGE, after=page.after)
        yield from page.rows


def _decided(screen: Screen, step: Step, found: "DeadLetters", wanted: "Iterator[Summary]") -> ExitCode:
    from leeward_admin import DeadLetterChanged, ImpossibleStep

    done = conflicts = 0
    for letter in wanted:
        told: dict[str, Any] = {"id": str(letter.id), "outcome": step.done}
        try:
            step.take(found, letter)
            done += 1
        except (DeadLetterChanged, ImpossibleStep) as error:
            conflicts += 1
            told |= {"outcome": "conflict", "error": str(error)}
        if screen.as_json:
            screen.record(told)
        elif "error" in told:
            screen.remark(f"{letter.id}: {told['error']}")
    if not screen.as_json:
        screen.line(f"{done:,} {step.done}.")
    return ExitCode.CONFLICT if conflicts else ExitCode.OK
