"""`leeward dlq export`."""

import json
import os
from pathlib import Path
from typing import Any, TextIO

import click

from console.dlq.conditions import conditions, filter_from
from console.exit_code import Failed
from console.fleet import fleet
from console.screen import Screen, output


@click.command()
@conditions
@click.option(
    "--output", "target", type=click.Path(path_type=Path, dir_okay=False), help="A new file; standard output otherwise."
)
@output
def export(screen: Screen, *, target: Path | None, **chosen: Any) -> None:
    """Write dead letters as JSON Lines, the oldest first, without secrets. The answer is JSON with or without --json."""
    filter_ = filter_from(chosen)
    with fleet() as admin:
        documents = admin.dead_letters.export(filter_)
        if target is None:
            for document in documents:
                screen.record(document)
            return
        try:
            # What failed is about people: nobody else needs to read it.
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                letters = sum(_written(file, document) for document in documents)
        except FileExistsError:
            raise Failed(f"{target} exists: give another name, or remove it first") from None
    if screen.as_json:
        screen.document({"file": str(target), "dead_letters": letters})
    else:
        screen.line(f"{letters:,} dead letters are in {target}.")


def _written(file: TextIO, document: dict[str, Any]) -> int:
    file.write(json.dumps(document) + "\n")
    return 1
