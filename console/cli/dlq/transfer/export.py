"""`leeward dlq export`."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console.cli.dlq.filter_options import conditions, filter_from
from console.cli.dlq.transfer.export_formats import FORMATS
from console.cli.dlq.transfer.new_file import new_file
from console.cli.fleet import fleet
from console.cli.terminal.choice import NearestChoice
from console.cli.terminal.output import output
from console.cli.terminal.progress import advancing
from console.cli.terminal.screen import Screen
from console.cli.terminal.stdout import write

if TYPE_CHECKING:
    from leeward_admin import DeadLetters, Filter


@click.command()
@conditions
@click.option(
    "--output",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A new file; without it, standard output.",
)
@click.option(
    "--format",
    "form",
    type=NearestChoice(list(FORMATS)),
    default="jsonl",
    show_default=True,
    help="jsonl has everything, for `import`; csv is for spreadsheets.",
)
@output
def export(screen: Screen, *, target: Path | None, form: str, **chosen: Any) -> None:
    """Write dead letters, the oldest first, without secrets, as JSON Lines or as CSV. --json changes nothing."""
    filter_ = filter_from(chosen)
    with fleet() as admin:
        found = admin.dead_letters
        if target is None:
            for part in FORMATS[form](found.export(filter_)):
                write(part, newline=False)
            return
        with new_file(target) as file, _watched(found, filter_) as documents:
            letters = _Counted(documents)
            file.writelines(FORMATS[form](letters))
    if screen.as_json:
        screen.document({"file": str(target), "format": form, "dead_letters": letters.number})
    else:
        screen.line(f"{letters.number:,} dead letters are in {target}.")


class _Counted:
    """Documents, and how many went by."""

    def __init__(self, documents: Iterable[dict[str, Any]]) -> None:
        self.number = 0
        self._documents = documents

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for document in self._documents:
            self.number += 1
            yield document


@contextmanager
def _watched(found: "DeadLetters", filter_: "Filter") -> Iterator[Iterable[dict[str, Any]]]:
    """The documents; on a terminal with a bar that says how many of them are written."""
    if not sys.stderr.isatty():
        yield found.export(filter_)
        return
    total = sum(group.letters for group in found.counts(filter_))
    with advancing("Exporting", total) as advance:
        yield _each(found.export(filter_), advance)


def _each(documents: Iterable[dict[str, Any]], advance: Any) -> Iterator[dict[str, Any]]:
    for document in documents:
        yield document
        advance()
