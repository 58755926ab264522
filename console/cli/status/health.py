"""`leeward health`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from console.cli.exit_code import ExitCode
from console.cli.fleet import fleet
from console.cli.terminal.output import listing_output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing, Tone

if TYPE_CHECKING:
    from leeward_admin import PartHealth

_TONES = {"healthy": Tone.GOOD, "degraded": Tone.WARNING, "unknown": Tone.WARNING}

HEALTH: "Listing[PartHealth]" = Listing(
    name="parts",
    columns=(
        Column(key="part", value=lambda one: one.part, cut=True),
        Column(key="machine", value=lambda one: one.machine, text=lambda one: one.machine or None, cut=True),
        Column(key="state", value=lambda one: one.state.value, tone=lambda one: _TONES.get(one.state.value, Tone.BAD)),
        Column(key="since", value=lambda one: one.since, wide=True),
        Column(
            key="took_ms",
            heading="took",
            value=lambda one: None if one.latency is None else round(one.latency.total_seconds() * 1000, 1),
            text=lambda one: None if one.latency is None else f"{one.latency.total_seconds() * 1000:.0f} ms",
        ),
        Column(key="at", heading="checked", value=lambda one: one.at),
        Column(key="detail", value=lambda one: one.detail, cut=True),
    ),
)


@click.command()
@listing_output
@click.pass_context
def health(context: click.Context, screen: Screen) -> None:
    """Show the health of every provider, of Valkey, PostgreSQL, memory and disk.

    Probes look at providers, and each worker host at its machine and the servers, every 30 seconds (LEEWARD_PROBE_SCHEDULE). A part is
    `unknown` when no probe has looked at it for five minutes. Exit code 1: a part is unhealthy.
    """
    now = datetime.now(UTC)
    with fleet() as admin:
        found = admin.health(now=now)
    screen.listing(HEALTH, found, empty="No probe has looked at anything yet: start workers with `leeward up`.")
    is_unwell = any(one.state.value == "unhealthy" for one in found)
    context.exit(ExitCode.FAILED if is_unwell else ExitCode.OK)
