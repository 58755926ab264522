"""`leeward dlq filter`: filters with a name."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from console.cli.dlq.filter_options import any_chosen, typed_conditions
from console.cli.fleet import fleet, who
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import listing_output, output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing
from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward_admin import SavedFilter


FILTERS: "Listing[SavedFilter]" = Listing(
    name="",
    columns=(
        Column(key="name", value=lambda each: each.name),
        Column(
            key="filter",
            value=lambda each: each.conditions,
            text=lambda each: json.dumps(each.conditions, ensure_ascii=False),
            cut=True,
        ),
        Column(key="who", heading="saved by", value=lambda each: each.who),
        Column(key="saved_at", heading="saved", value=lambda each: each.saved_at),
    ),
)


@click.group("filter", cls=CommandGroup)
def filter_() -> None:
    """Give filters a name, for `--filter NAME` of other commands."""


@filter_.command()
@click.argument("name")
@typed_conditions
@click.option("--replace", is_flag=True, help="Replace an existing filter of this name.")
@output
def save(screen: Screen, *, name: str, replace: bool, **chosen: Any) -> None:
    """Save conditions under NAME. A duration, as in --since 2h, counts back from the time when the filter is used."""
    from leeward_admin import Filter

    if not any_chosen(chosen):
        raise click.UsageError("Give conditions, such as --reason exhausted --provider media.")
    now = datetime.now(UTC)
    conditions = Filter.parse(now=now, **chosen).to_json()
    # As typed: a span stays one.
    conditions |= {name: chosen[name] for name in ("since", "until") if chosen[name]}
    with fleet() as admin:
        admin.dead_letters.filters.save(name, conditions, who=who(), replace=replace, now=now)
    if screen.as_json:
        screen.document({"name": name, "filter": conditions})
    else:
        screen.line(f"The filter {name} is saved: use it as --filter {name}.")


@filter_.command("list")
@listing_output
def list_(screen: Screen) -> None:
    """List the saved filters."""
    with fleet() as admin:
        found = admin.dead_letters.filters.all()
    screen.listing(
        FILTERS, found, empty="No filter is saved: `leeward dlq filter save NAME --reason invalid` saves one."
    )


@filter_.command()
@click.argument("name")
@output
def show(screen: Screen, *, name: str) -> None:
    """Show the conditions of a saved filter."""
    with fleet() as admin:
        found = admin.dead_letters.filters.get(name)
    if screen.as_json:
        screen.document(
            {"name": found.name, "filter": found.conditions, "who": found.who, "saved_at": found.saved_at.isoformat()}
        )
        return
    screen.text(json.dumps(found.conditions, indent=2, ensure_ascii=False))
    screen.remark(f"Saved by {found.who}, {when(found.saved_at)}.")


@filter_.command()
@click.argument("name")
@output
def remove(screen: Screen, *, name: str) -> None:
    """Remove a saved filter."""
    with fleet() as admin:
        admin.dead_letters.filters.remove(name)
    if screen.as_json:
        screen.document({"name": name, "removed": True})
    else:
        screen.line(f"The filter {name} is removed.")
