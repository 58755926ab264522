"""`leeward check`: all problems at once."""

from typing import TYPE_CHECKING, Any

import click

from console.cli.exit_code import ExitCode
from console.cli.terminal.screen import Screen, output

if TYPE_CHECKING:
    from leeward_admin import Check


@click.command()
@output
@click.pass_context
def check(context: click.Context, screen: Screen) -> None:
    """Check the configuration, then the servers, the schema and the providers. Exit code 1 if there is a problem."""
    from leeward_admin import Verdict, check_installation

    found = check_installation()
    wrong = sum(one.verdict is Verdict.PROBLEM for one in found)
    if screen.as_json:
        screen.document({"ok": not wrong, "problems": wrong, "checks": list(map(_document, found))})
    else:
        screen.table(("check", "verdict", "detail"), list(map(_row, found)))
        screen.remark(f"{wrong} problem{'s' if wrong > 1 else ''} found." if wrong else "Ready.")
    context.exit(ExitCode.FAILED if wrong else ExitCode.OK)


def _document(one: "Check") -> dict[str, Any]:
    actions = [action.document() for action in one.actions]
    return {"name": one.name, "verdict": one.verdict.value, "detail": one.detail, "actions": actions}


def _row(one: "Check") -> tuple[str, str, str]:
    from console.cli.commands import with_hint

    return one.name, one.verdict.value, with_hint(one.detail, one.actions)
