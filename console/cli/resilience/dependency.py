"""`leeward dependency list|add|remove|risk`: what providers depend on."""

from typing import TYPE_CHECKING

import click

from console.cli.exit_code import ExitCode
from console.cli.fleet import fleet, who
from console.cli.resilience.risk_views import AFFECTED, RISKS, parts_of, summary_of
from console.cli.terminal.duration import DurationType
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import listing_output, output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing, Tone

if TYPE_CHECKING:
    from datetime import timedelta

    from leeward_admin import DependencyState

_TONES = {"healthy": Tone.GOOD, "degraded": Tone.WARNING, "unknown": Tone.WARNING}

DEPENDENCIES: "Listing[DependencyState]" = Listing(
    name="dependencies",
    columns=(
        Column(key="name", value=lambda one: one.name),
        Column(key="type", value=lambda one: one.type),
        Column(key="criticality", value=lambda one: one.criticality),
        Column(key="state", value=lambda one: one.state.value, tone=lambda one: _TONES.get(one.state.value, Tone.BAD)),
        Column(
            key="depends_on",
            value=lambda one: list(one.depends_on),
            text=lambda one: ", ".join(one.depends_on) or None,
            wide=True,
        ),
        Column(
            key="needed_by",
            value=lambda one: list(one.needed_by),
            text=lambda one: ", ".join(one.needed_by) or None,
            cut=True,
        ),
        Column(key="host", value=lambda one: one.host or None, wide=True),
        Column(key="source", value=lambda one: one.source, wide=True),
        Column(key="since", value=lambda one: one.since, wide=True),
        Column(
            key="took_ms",
            heading="took",
            value=lambda one: None if one.latency is None else round(one.latency.total_seconds() * 1000, 1),
            wide=True,
        ),
        Column(key="at", heading="checked", value=lambda one: one.at, wide=True),
        Column(key="detail", value=lambda one: one.detail or None, cut=True),
    ),
)


@click.group(cls=CommandGroup)
def dependency() -> None:
    """What providers depend on, and what it would cost to be without it."""


@dependency.command(name="list")
@click.option("--refresh", is_flag=True, help="Look at the health of all that have an address, now and from here.")
@listing_output
@click.pass_context
def list_(context: click.Context, screen: Screen, *, refresh: bool) -> None:
    """List providers, dependencies and the fleet's servers, the most critical first. Exit code 1: one of them is unhealthy."""
    with fleet() as admin:
        found = admin.dependencies.look() if refresh else admin.dependencies.states()
    screen.listing(DEPENDENCIES, found)
    is_unwell = any(one.state.value == "unhealthy" for one in found)
    context.exit(ExitCode.FAILED if is_unwell else ExitCode.OK)


@dependency.command()
@click.argument("name")
@click.option(
    "--type",
    "kind",
    type=click.Choice(["database", "cache", "external-api", "other"]),
    default="external-api",
    show_default=True,
    help="What it is.",
)
@click.option(
    "--criticality",
    type=click.Choice(["critical", "important", "optional"]),
    default="important",
    show_default=True,
    help="How much depends on it.",
)
@click.option("--depends-on", multiple=True, metavar="NAME", help="What it needs itself; may be given several times.")
@click.option("--needed-by", multiple=True, metavar="NAME", help="What needs it; may be given several times.")
@click.option("--health-url", metavar="URL", help="Where its health is checked.")
@click.option("--allow-private", is_flag=True, help="Also where that is a private or local address.")
@click.option("--timeout", type=DurationType(), default="5s", show_default=True, help="How long a check may take.")
@output
def add(
    screen: Screen,
    *,
    name: str,
    kind: str,
    criticality: str,
    depends_on: tuple[str, ...],
    needed_by: tuple[str, ...],
    health_url: str | None,
    allow_private: bool,
    timeout: "timedelta",
) -> None:
    """Add a dependency for the whole fleet, until it is removed."""
    from leeward_admin import DependencyOptions

    options = DependencyOptions.model_validate(
        {
            "type": kind,
            "criticality": criticality,
            "depends_on": depends_on,
            "needed_by": needed_by,
            "health_url": health_url,
            "allow_private": allow_private,
            "timeout": timeout,
        }
    )
    with fleet() as admin:
        added = admin.dependencies.add(name, options, by=who())
    if screen.as_json:
        screen.document(DEPENDENCIES.record(added) | {"at": None, "since": None})
    else:
        needs = f"; it is needed by {', '.join(added.needed_by)}" if added.needed_by else ""
        screen.paragraph(f"{name} is a dependency of the fleet{needs}.")


@dependency.command()
@click.argument("name")
@output
def remove(screen: Screen, *, name: str) -> None:
    """Remove a dependency that was added at run time."""
    with fleet() as admin:
        admin.dependencies.remove(name)
    if screen.as_json:
        screen.document({"name": name, "removed": True})
    else:
        screen.line(f"{name} is no dependency of the fleet any more.")


@dependency.command()
@click.option("--without", metavar="NAME", help="What stops without this provider, dependency or server.")
@listing_output
def risk(screen: Screen, *, without: str | None) -> None:
    """Show what it would cost to be without each of them: the cascade risk, from 0 to 100, the highest first."""
    with fleet() as admin:
        if without is None:
            screen.listing(RISKS, admin.dependencies.risks(), beside=None)
            return
        found = admin.dependencies.without(without)
    if not screen.is_for_programs:
        screen.paragraph(summary_of(found))
    screen.listing(AFFECTED, found.affected, beside={"without": RISKS.record(found)}, empty="Nothing depends on it.")
    if not screen.is_for_programs:
        screen.remark(parts_of(found))
