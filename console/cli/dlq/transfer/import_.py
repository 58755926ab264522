"""`leeward dlq import`."""

import sys
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, TextIO

import click

from console.cli.exit_code import ExitCode
from console.cli.fleet import fleet, who
from console.cli.terminal.output import output
from console.cli.terminal.progress import advancing
from console.cli.terminal.screen import Screen

if TYPE_CHECKING:
    from leeward_admin import ImportedLine


@click.command("import")
@click.argument("file", type=click.File(encoding="utf-8", errors="surrogateescape"), metavar="FILE")
@output
@click.pass_context
def import_(context: click.Context, /, screen: Screen, *, file: TextIO) -> None:
    """Import dead letters of another installation: JSON Lines of `export`; - is standard input.

    They keep their ids, states, notes and owners; letters that were `requeued` become `failed`, because their jobs are not in this fleet.
    An invalid line does not stop the others. Importing the same file again changes nothing.
    """
    counts: Counter[str] = Counter()
    providers: Counter[str] = Counter()
    with fleet() as admin, ExitStack() as stack:
        known = admin.dead_letters.known_providers()
        advance = stack.enter_context(advancing("Importing", None)) if sys.stderr.isatty() else None
        for line in admin.dead_letters.import_lines(file, who=who()):
            counts[line.outcome] += 1
            if line.outcome == "imported" and line.provider not in known:
                providers[str(line.provider)] += 1
            _tell(screen, line)
            if advance:
                advance()
    _sum_up(screen, counts, providers)
    context.exit(ExitCode.FAILED if counts["invalid"] else ExitCode.OK)


def _tell(screen: Screen, line: "ImportedLine") -> None:
    if screen.as_json:
        record = {"line": line.number, "outcome": line.outcome.value, "id": line.id and str(line.id), "error": line.why}
        screen.record({name: value for name, value in record.items() if value is not None})
    elif line.why is not None:
        screen.remark(f"line {line.number}: {line.why}")


def _sum_up(screen: Screen, counts: Counter[str], providers: Counter[str]) -> None:
    numbers = {name: counts[name] for name in ("imported", "known", "invalid")}
    if screen.as_json:
        screen.record({"summary": numbers | {"unknown_providers": dict(providers)}})
        return
    screen.line(f"{numbers['imported']:,} imported, {numbers['known']:,} here already, {numbers['invalid']:,} invalid.")
    for provider, letters in providers.most_common():
        screen.remark(
            f"{letters:,} are of the provider {provider}, which has no queue here: no worker would run their jobs."
        )
