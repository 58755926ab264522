"""Deciding about many dead letters: asks first, and says which of them another decision came before."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from console.cli.dlq.filter_options import any_chosen, filter_from, unknown_in
from console.cli.dlq.listing import show_counts
from console.cli.exit_code import ExitCode
from console.cli.fleet import fleet
from console.cli.terminal.confirmation import confirm
from console.cli.terminal.screen import Screen

if TYPE_CHECKING:
    from leeward_admin import Decided, Decision

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

_OPTIONS = (
    click.option("--version", type=int, help="Only if the letter is still at this version; for one ID."),
    click.option("--dry-run", is_flag=True, help="Only count."),
    click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
)


def careful(command: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Gives a command the options of `decide`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def decide(
    screen: Screen,
    decision: "Decision",
    ids: tuple[str, ...],
    chosen: dict[str, Any],
    *,
    version: int | None,
    dry_run: bool,
    yes: bool,
) -> ExitCode:
    """Decides about what was named or what matches; asks before it does so about more than one."""
    from leeward_admin import decidable

    if not ids and not any_chosen(chosen):
        raise click.UsageError("Give ids, or a filter such as --reason invalid.")
    if version is not None and len(ids) != 1:
        raise click.UsageError("--version is of one dead letter: name its id, and no other.")
    filter_ = filter_from(chosen, ids)
    possible = decidable(filter_, decision)
    with fleet() as admin:
        if dry_run:
            show_counts(screen, admin.dead_letters.counts(possible))
            return ExitCode.OK
        if len(ids) != 1:
            letters = sum(group.letters for group in admin.dead_letters.counts(possible))
            question = f"{decision.verb.capitalize()} {letters:,} dead letters?"
            confirm(question, changes=letters, yes=yes, as_json=screen.as_json)
        done = conflicts = 0
        for one in admin.dead_letters.decide(filter_, decision, version=version):
            done, conflicts = (done + 1, conflicts) if one.conflict is None else (done, conflicts + 1)
            _show(screen, one, decision.done)
        for said in [] if done or conflicts else unknown_in(admin, filter_):
            screen.remark(said)
    if not screen.as_json:
        screen.line(f"{done:,} {decision.done}.")
    return ExitCode.CONFLICT if conflicts else ExitCode.OK


def _show(screen: Screen, one: "Decided", done: str) -> None:
    if screen.as_json:
        found = {"outcome": "conflict", "error": str(one.conflict)} if one.conflict else {"outcome": done}
        screen.record({"id": str(one.id)} | found)
    elif one.conflict:
        screen.remark(f"{one.id}: {one.conflict}")
