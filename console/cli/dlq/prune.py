"""`leeward dlq prune`."""

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet
from console.cli.terminal.output import listing_output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing

if TYPE_CHECKING:
    from leeward_admin import PrunedLine

LINES: "Listing[PrunedLine]" = Listing(
    name="lines",
    columns=(
        Column(key="partition", value=lambda line: line.partition),
        Column(key="state", value=lambda line: line.state),
        Column(key="fate", value=lambda line: line.fate),
        Column(key="letters", value=lambda line: line.letters),
        Column(key="why", value=lambda line: line.why, wrap=True),
    ),
    more=asdict,
)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted, what would be kept, and why.")
@listing_output
def prune(screen: Screen, *, dry_run: bool) -> None:
    """Delete finished dead letters that are past their retention. Workers do so every night.

    Those that are discarded or recovered, or whose replay has a dead letter of its own, are kept for LEEWARD_KEEP_FINISHED (30d), or
    LEEWARD_KEEP_DISCARDED and LEEWARD_KEEP_RECOVERED. All others are kept, and so are letters under legal hold.
    """
    with fleet() as admin:
        if dry_run:
            _show(screen, admin.dead_letters.would_prune(admin.settings), {}, dry_run=True)
            return
        pruned = admin.dead_letters.prune(admin.settings)
    others = {"made": pruned.made, "replays": pruned.replays, "groups": pruned.groups}
    _show(screen, pruned.lines, others, dry_run=False)


def _show(screen: Screen, lines: "list[PrunedLine]", others: dict[str, Any], *, dry_run: bool) -> None:
    totals: Counter[str] = Counter()
    for line in lines:
        totals[line.fate.value] += line.letters
    beside = {"dry_run": dry_run, "totals": totals} | others
    screen.listing(LINES, lines, beside=beside, empty="There are no dead letters.")
    if lines and not screen.is_for_programs:
        would = "would be " if dry_run else ""
        screen.remark(", ".join(f"{letters:,} {would}{fate}" for fate, letters in totals.items()) + ".")
