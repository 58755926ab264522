"""`leeward dlq prune`."""

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet
from console.cli.terminal.screen import Screen, output

if TYPE_CHECKING:
    from leeward_admin import PrunedLine

COLUMNS = ("partition", "state", "fate", "letters", "why")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted, what would be kept, and why.")
@output
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
    if screen.as_json:
        screen.document({"dry_run": dry_run, "lines": [asdict(line) for line in lines], "totals": totals} | others)
        return
    if not lines:
        screen.remark("There are no dead letters.")
        return
    screen.table(COLUMNS, [(line.partition, line.state, line.fate, line.letters, line.why) for line in lines])
    screen.remark(
        ", ".join(f"{letters:,} {'would be ' if dry_run else ''}{fate}" for fate, letters in totals.items()) + "."
    )
