"""`leeward dlq replays`."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from console.cli.dlq.replays.documents import counts_text, item_document, progress_document
from console.cli.dlq.replays.listing import REPLAYS, ReplayRow
from console.cli.dlq.replays.replay_output import canary_text, show_items
from console.cli.fleet import fleet
from console.cli.terminal.choice import NearestChoice
from console.cli.terminal.output import listing_output
from console.cli.terminal.screen import Screen
from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward_admin import Item, Progress, Replay, ReplayPage, Replays, Trial

OUTCOMES = ("pending", "claimed", "queued", "done", "dead_again", "duplicate", "refused")
STATES = ("planned", "running", "paused", "stopped", "cancelled", "finished")
_MOST = 1_000


@click.command()
@click.argument("replay", metavar="[ID]", required=False)
@click.option("--state", multiple=True, type=NearestChoice(STATES), help="Only replays in this state.")
@click.option(
    "--outcome", multiple=True, type=NearestChoice(OUTCOMES), help="Only items with this outcome, for one replay."
)
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="At most this many.")
@click.option("--after", help="Continue after a page: the `next` that it named.")
@listing_output
def replays(
    screen: Screen,
    *,
    replay: str | None,
    state: tuple[str, ...],
    outcome: tuple[str, ...],
    limit: int,
    after: str | None,
) -> None:
    """List replays, the newest first; or show one, with the outcome of each of its dead letters."""
    with fleet() as admin:
        if replay is None:
            _list(screen, admin.replays, state, limit, after)
        else:
            _show(screen, admin.replays, admin.replays.id_of(replay), outcome, limit, after)


def _list(screen: Screen, found: "Replays", states: tuple[str, ...], limit: int, after: str | None) -> None:
    from leeward_admin import ReplayState

    cursor = None if after is None else _cursor(after)
    page = found.page(states=[ReplayState(state) for state in states], limit=limit, after=cursor)
    counts = found.counts([row.id for row in page.rows])
    rows = [ReplayRow(row, counts[row.id]) for row in page.rows]
    screen.listing(REPLAYS, rows, beside={"next": _following(page)}, empty="There is no such replay.")
    if page.after and not screen.is_for_programs:
        screen.remark(f"There are more: add --after {_following(page)}")


def _show(
    screen: Screen, found: "Replays", id_: UUID, outcomes: tuple[str, ...], limit: int, after: str | None
) -> None:
    from leeward_admin import ItemOutcome

    progress = found.get(id_)
    wanted = [ItemOutcome(outcome) for outcome in outcomes]
    items = found.items(id_, outcomes=wanted, limit=limit, after=_position(after))
    trial = found.canary(progress.replay)
    following = items[-1].position if len(items) == limit else None
    if screen.as_json:
        parts = {"canary": asdict(trial), "items": [item_document(item) for item in items], "next": following}
        screen.document(progress_document(progress) | parts)
        return
    _tell(screen, progress, trial, items)
    if following:
        screen.remark(f"There may be more: add --after {following}")


def _tell(screen: Screen, progress: "Progress", trial: "Trial", items: "list[Item]") -> None:
    replay, document = progress.replay, progress_document(progress)
    rules = {name: value for name, value in document.pop("rules").items() if value not in (None, False)}
    document |= {name: value and when(value) for name, value in _times(replay).items()}
    document["filter"] = json.dumps(replay.filter) if replay.filter else None
    document["rules"] = ", ".join(f"{part} {value}" for part, value in rules.items())
    document["canary"] = canary_text(replay.rules, trial)
    del document["counts"], document["actions"]
    document["items"] = counts_text(progress.counts)
    for name, value in document.items():
        if value not in (None, ""):
            screen.line(f"{name + ':':<12}{value}")
    show_items(screen, items)


def _times(replay: "Replay") -> "dict[str, datetime | None]":
    return {"created_at": replay.created_at, "started_at": replay.started_at, "ended_at": replay.ended_at}


def _following(page: "ReplayPage") -> str | None:
    return None if page.after is None else f"{page.after[0].isoformat()},{page.after[1]}"


def _cursor(text: str) -> tuple[datetime, UUID]:
    made, _, id_ = text.partition(",")
    try:
        cursor = datetime.fromisoformat(made), UUID(id_)
    except ValueError:
        raise click.UsageError(
            f"--after {text!r} is not valid: copy the `next` that the previous page named."
        ) from None
    if cursor[0].tzinfo is None:
        raise click.UsageError(f"--after {text!r} is not valid: copy the `next` that the previous page named.")
    return cursor


def _position(text: str | None) -> int:
    if text is None:
        return 0
    if not (text.isdecimal() and int(text) < 2**31):
        raise click.UsageError(f"--after {text!r} is not valid: copy the `next` that the previous page named.")
    return int(text)
