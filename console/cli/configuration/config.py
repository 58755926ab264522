"""`leeward config`: every value in force, and where it is from. `leeward url`: where a server is, for scripts."""

from typing import TYPE_CHECKING, Literal

import click

from console.cli.terminal.output import listing_output, output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing, Tone

if TYPE_CHECKING:
    from leeward_admin import ConfigurationValue


EXAMPLES = """
\b
  export LEEWARD_VALKEY_URL="$(leeward url valkey)"
  psql "$(leeward url postgresql)"
"""


@click.command()
@click.option("--changed", is_flag=True, help="Only what is not a default.")
@listing_output
def config(screen: Screen, *, changed: bool) -> None:
    """Show every setting that a worker started here would have, and where it is from. Secrets are hidden."""
    from leeward_admin import configuration

    found = [one for one in configuration() if not changed or one.source != "default"]
    screen.listing(VALUES, found, empty="Every setting has its default.")
    if not screen.is_for_programs:
        screen.remark("A provider whose settings cannot be used is left out: `leeward check` says why.")
        screen.remark("Operators may have changed guards for the whole fleet: `leeward provider show NAME`.")


@click.command(epilog=EXAMPLES)
@click.argument("server", type=click.Choice(["valkey", "postgresql"]))
@output
def url(screen: Screen, server: Literal["valkey", "postgresql"]) -> None:
    """Print the address of a server, with its password, for scripts: the one that is configured, or that of a running `leeward up`."""
    from leeward_admin import Settings, address_of

    found = address_of(Settings.from_environment(), server)
    if screen.as_json:
        screen.document({"server": server, "url": found})
    else:
        screen.line(found)


VALUES: "Listing[ConfigurationValue]" = Listing(
    name="values",
    columns=(
        Column(key="section", value=lambda one: one.section, data=True),
        Column(
            key="key",
            heading="setting",
            value=lambda one: one.key,
            text=lambda one: f"{one.section}.{one.key}" if one.section else one.key,
        ),
        Column(key="value", value=lambda one: one.value, wrap=True),
        Column(
            key="source",
            value=lambda one: one.source,
            wrap=True,
            tone=lambda one: Tone.PLAIN if one.source == "default" else Tone.GOOD,
        ),
        Column(key="variable", value=lambda one: one.variable, wide=True),
    ),
)
