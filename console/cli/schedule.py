"""`leeward schedule`: periodic actors."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet, who
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import listing_output, output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.cells import json_value
from console.cli.terminal.tables.listing import Column, Listing, Tone
from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward_admin import PeriodicActor


def _document(actor: "PeriodicActor") -> dict[str, Any]:
    found = asdict(actor)
    return {"actor": found.pop("name")} | found


def _next(actor: "PeriodicActor") -> Any:
    if actor.paused:
        return "paused"
    return actor.next_at if actor.has_scheduler else "no scheduler"


def _tone(actor: "PeriodicActor") -> Tone:
    if actor.paused:
        return Tone.WARNING
    return Tone.PLAIN if actor.has_scheduler else Tone.BAD


ACTORS: "Listing[PeriodicActor]" = Listing(
    name="schedules",
    columns=(
        Column(key="actor", value=lambda actor: actor.name, cut=True),
        Column(key="schedule", value=lambda actor: actor.schedule, cut=True),
        Column(key="zone", value=lambda actor: actor.zone, text=lambda actor: actor.zone or None, wide=True),
        Column(key="next_at", heading="next", value=lambda actor: actor.next_at, text=_next, tone=_tone),
        Column(key="last_at", heading="last", value=lambda actor: actor.last_at),
        Column(
            key="outcome",
            value=lambda actor: actor.outcome,
            tone=lambda actor: Tone.BAD if actor.outcome == "dead" else Tone.PLAIN,
        ),
        Column(key="reason", value=lambda actor: actor.reason, wide=True),
        Column(key="queue", value=lambda actor: actor.queue, wide=True),
        Column(key="last_job", heading="job", value=lambda actor: actor.last_job or None, short=True, wide=True),
    ),
    more=_document,
)


@click.group(cls=CommandGroup)
def schedule() -> None:
    """List periodic actors, run one now, pause or resume it."""


@schedule.command("list")
@listing_output
def list_(screen: Screen) -> None:
    """List periodic actors: when each runs next, when it ran last, and how that ended."""
    with fleet() as admin:
        found = admin.schedules.list()
    screen.listing(ACTORS, found, empty="No scheduler has run yet: start one with `leeward scheduler`.")
    if screen.is_for_programs:
        return
    for actor in found:
        if actor.paused:
            because = f": {actor.paused.why}" if actor.paused.why else ""
            since = f" since {when(actor.paused.at)}" if actor.paused.at else ""
            screen.remark(f"{actor.name} is paused{since}, by {actor.paused.by}{because}")


@schedule.command()
@click.argument("actor", metavar="ACTOR")
@output
def run(screen: Screen, actor: str) -> None:
    """Run a periodic actor now, once. While an earlier tick of it waits for a worker, both are one."""
    with fleet() as admin:
        sent = admin.schedules.run(actor, who=who())
    texts = {"merged": f"{actor} waits for a worker already: it runs once for both."}
    if screen.as_json:
        screen.document({"actor": actor, "outcome": sent})
    else:
        screen.line(texts.get(sent, f"{actor} runs as soon as a worker takes it."))


@schedule.command()
@click.argument("actor", metavar="ACTOR")
@click.option("--because", default="", metavar="TEXT", help="Why, for others to see.")
@output
def pause(screen: Screen, actor: str, *, because: str) -> None:
    """Pause a periodic actor for the whole fleet, until it is resumed. A tick that waits or runs is not stopped."""
    with fleet() as admin:
        found = admin.schedules.pause(actor, who=who(), why=because)
    _tell(screen, found, f"{actor} is paused. It gets ticks again with `leeward schedule resume {actor}`.")


@schedule.command()
@click.argument("actor", metavar="ACTOR")
@output
def resume(screen: Screen, actor: str) -> None:
    """Resume a periodic actor. Ticks that were due meanwhile are not made up for."""
    with fleet() as admin:
        found = admin.schedules.resume(actor, who=who())
    following = f" It runs next at {when(found.next_at)}." if found.next_at else ""
    _tell(screen, found, f"{actor} gets its ticks.{following}")


@schedule.command()
@click.argument("actor", metavar="ACTOR")
@output
def forget(screen: Screen, actor: str) -> None:
    """Take a periodic actor off the list that no scheduler has any more."""
    with fleet() as admin:
        admin.schedules.forget(actor, who=who())
    if screen.as_json:
        screen.document({"actor": actor, "forgotten": True})
    else:
        screen.line(f"{actor} is not listed any more.")


def _tell(screen: Screen, actor: "PeriodicActor", text: str) -> None:
    if screen.as_json:
        screen.document(json_value(_document(actor)))
    else:
        screen.line(text)
