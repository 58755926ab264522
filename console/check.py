"""`leeward check`: everything that is wrong, at once."""

import click

from console.exit_code import ExitCode
from console.screen import Screen, output


@click.command()
@output
@click.pass_context
def check(context: click.Context, screen: Screen) -> None:
    """Check the configuration, then the servers and their schema. Exit code 1 if anything is wrong."""
    from leeward_admin import Verdict, check_installation

    found = check_installation()
    wrong = sum(one.verdict is Verdict.PROBLEM for one in found)
    if screen.as_json:
        checks = [{"name": one.name, "verdict": one.verdict.value, "detail": one.detail} for one in found]
        screen.document({"ok": not wrong, "problems": wrong, "checks": checks})
    else:
        screen.table(("check", "verdict", "detail"), [(one.name, one.verdict.value, one.detail) for one in found])
        screen.remark(f"{wrong} to mend." if wrong else "Ready.")
    context.exit(ExitCode.FAILED if wrong else ExitCode.OK)
