"""`leeward demo`: the whole fleet, with failures, and its ledger."""

import click

from console.cli.exit_code import ExitCode, Failed
from console.cli.terminal.screen import Screen, output


@click.command(short_help="Show the fleet from nothing, with failures, and count.")
@click.option("--quick", is_flag=True, help="About 25 seconds instead of a minute.")
@click.option("--stay", is_flag=True, help="Keep everything running at the end, until Ctrl-C.")
@output
def demo(screen: Screen, *, quick: bool, stay: bool) -> None:
    """Show the fleet from nothing, with failures, and count what became of every job."""
    from demo.main import run

    code = run(quick=quick, stay=stay, as_json=screen.as_json)
    if code:
        raise Failed("the ledger does not add up: see the lines marked above", ExitCode.FAILED)
