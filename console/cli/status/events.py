"""`leeward events list|replay`: what happened in the fleet, and a handler that receives it again."""

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from console.cli.completion import names
from console.cli.fleet import fleet
from console.cli.terminal.confirmation import confirm
from console.cli.terminal.duration import DurationType
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import listing_output, output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.cells import json_value
from console.cli.terminal.tables.listing import Column, Listing

if TYPE_CHECKING:
    from leeward_admin import FleetEvent, Position

FOLLOW_EVERY = timedelta(seconds=1)
_OF_TYPE = click.option(
    "--type", "types", multiple=True, metavar="TYPE", help="As circuit.opened, or circuit.* for all."
)
_OF_PROVIDER = click.option(
    "--provider", "providers", multiple=True, help="Of this provider; fleet: of none.", shell_complete=names.providers
)


def _data(one: "FleetEvent") -> str:
    """What the other columns do not say."""
    shown = {key: value for key, value in one.data.items() if (key, value) != ("provider", one.provider)}
    return "  ".join(f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in shown.items())


EVENTS: "Listing[FleetEvent]" = Listing(
    name="events",
    columns=(
        Column(key="at", value=lambda one: one.at),
        Column(key="type", value=lambda one: one.type),
        Column(key="provider", value=lambda one: one.provider),
        Column(key="id", value=lambda one: one.id, wide=True),
        Column(key="request_id", value=lambda one: one.request_id or None, wide=True),
        Column(key="data", value=lambda one: dict(one.data), text=_data, cut=True),
    ),
)


@click.group(cls=CommandGroup)
def events() -> None:
    """What happened in the fleet, for as long as its streams keep it."""


@events.command(name="list")
@_OF_TYPE
@_OF_PROVIDER
@click.option("--since", type=DurationType(), help="Nothing older, as 2h.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most.")
@click.option("--follow", is_flag=True, help="Continue with what happens from now on, until Ctrl-C.")
@listing_output
def list_(
    screen: Screen,
    *,
    types: tuple[str, ...],
    providers: tuple[str, ...],
    since: timedelta | None,
    limit: int,
    follow: bool,
) -> None:
    """List the latest events, the newest last. With --follow --json, one JSON document a line."""
    with fleet() as admin:
        position = admin.events.position(providers=providers) if follow else {}
        found = admin.events.latest(types=types, providers=providers, since=since, limit=limit)
        if not follow:
            screen.listing(EVENTS, found, empty="No event was found.")
            return
        news = [one for one in found if not _is_after(one, position)]
        while True:
            for one in news:
                _follow(screen, one)
            news, position = admin.events.after(position, types=types, providers=providers)
            if not news:
                time.sleep(FOLLOW_EVERY.total_seconds())


def _is_after(one: "FleetEvent", position: "Position") -> bool:
    """Whether `after` will give it again."""
    return _order(one.id.rpartition(":")[2]) > _order(position.get(one.provider, "0-0"))


def _order(id_: str) -> tuple[int, ...]:
    return tuple(map(int, id_.split("-")))


def _follow(screen: Screen, one: "FleetEvent") -> None:
    if screen.as_json:
        screen.record(json_value(EVENTS.record(one)))
    else:
        screen.row(one.at, one.type, one.provider, _data(one))


@events.command()
@click.argument("handler")
@click.option("--since", type=DurationType(), required=True, help="From so long ago on, as 2h.")
@_OF_TYPE
@_OF_PROVIDER
@click.option("--dry-run", is_flag=True, help="Only say which events these are.")
@click.option("--key", default="", help="Of a replay that was interrupted: nothing is repeated that it did.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output
def replay(
    screen: Screen,
    *,
    handler: str,
    since: timedelta,
    types: tuple[str, ...],
    providers: tuple[str, ...],
    dry_run: bool,
    key: str,
    yes: bool,
) -> None:
    """Let a handler receive again what happened, each event as a new job: HANDLER is its actor, as `leeward extensions` shows it.

    At most 1,000 events, the oldest first.
    """
    with fleet() as admin:
        plan = admin.events.replay(handler, since=since, types=types, providers=providers, dry_run=True, key=key)
        count = len(plan.events)
        if not dry_run and count:
            confirm(f"{handler} receives {_events(count)} again?", changes=count, yes=yes, as_json=screen.as_json)
            plan = admin.events.replay(handler, since=since, types=types, providers=providers, key=plan.key)
    if screen.as_json:
        shown = [json_value(EVENTS.record(one)) for one in plan.events]
        screen.document(
            {"handler": handler, "dry_run": dry_run, "enqueued": plan.enqueued, "whole": plan.is_whole}
            | {"key": plan.key, "events": shown}
        )
        return
    if dry_run or not count:
        screen.listing(EVENTS, plan.events, empty=f"Nothing that {handler} is for happened since then.")
        if count:
            screen.remark(f"{handler} would receive {_events(count)} again.")
    else:
        screen.line(f"{handler} receives {_events(plan.enqueued)} again.")
    if not plan.is_whole:
        screen.remark("There are more: replay from a later point for the rest.")


def _events(count: int) -> str:
    return f"{count} event" if count == 1 else f"{count} events"
