"""`leeward dlq edit`."""

import json
from typing import TYPE_CHECKING, Any, TextIO
from uuid import UUID

import click

from console.cli.exit_code import Failed
from console.cli.fleet import fleet, who
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen

if TYPE_CHECKING:
    from leeward_admin import Triage


@click.command()
@click.argument("dead_letter", metavar="ID")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A field as text, or NAME:=JSON as JSON; null removes the field.",
)
@click.option(
    "--payload",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="The whole payload as JSON; - is standard input.",
)
@click.option("--editor", is_flag=True, help="Change the payload in $EDITOR.")
@click.option("--undo", is_flag=True, help="Restore the payload that the job died with.")
@click.option("--version", type=int, help="Only if the letter is still at this version.")
@output
def edit(
    screen: Screen,
    *,
    dead_letter: str,
    settings: tuple[str, ...],
    payload: TextIO | None,
    editor: bool,
    undo: bool,
    version: int | None,
) -> None:
    """Correct the payload that a replay of a dead letter will use; the original payload is kept.

    The payload must match the schema of the job's kind. A secret that you set is kept for the replay for seven days, and is not shown.
    """
    if [bool(settings or payload), editor, undo].count(True) != 1:
        raise click.UsageError("Give a change: --set NAME=VALUE, --payload FILE, --editor, or --undo.")
    with fleet() as admin:
        id_ = admin.dead_letters.id_of(dead_letter)
        triage = admin.dead_letters.triage
        if undo:
            seen = admin.dead_letters.get(id_)[0].version if version is None else version
            changed = triage.undo_edit(id_, seen, who=who())
        else:
            current, seen = triage.editable_payload(id_)
            new = _edited(current) if editor else _new(current, settings, payload)
            changed = triage.edit(id_, seen if version is None else version, who=who(), payload=new)
        _tell(screen, triage, id_, changed.version, undone=undo)


def _new(current: Any, settings: tuple[str, ...], file: TextIO | None) -> Any:
    from console.cli.jobs.payload import parted, read_payload

    new = read_payload(file) if file else current
    if settings and not isinstance(new, dict):
        raise click.UsageError("--set needs a payload that is an object: use --payload FILE.")
    for name, value in map(parted, settings):
        new = {**new, name: value}
        if value is None:
            del new[name]
    return new


def _edited(current: Any) -> Any:
    text = click.edit(json.dumps(current, indent=2, ensure_ascii=False) + "\n", extension=".json")
    if text is None:
        raise Failed("nothing was saved in the editor: the payload is not changed")
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"The saved text is not JSON: {error}.") from None


def _tell(screen: Screen, triage: "Triage", id_: UUID, version: int, *, undone: bool) -> None:
    payload, _ = triage.editable_payload(id_)
    if screen.as_json:
        screen.document({"id": str(id_), "version": version, "undone": undone, "payload": payload})
        return
    said = "will be replayed with its original payload" if undone else "will be replayed with"
    screen.line(f"{id_} {said} (version {version}):")
    screen.text(json.dumps(payload, indent=2, ensure_ascii=False))
