"""`leeward extensions`: what is installed, what each extension brings, which workers run it, and what cannot be used."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from console.cli.exit_code import ExitCode
from console.cli.fleet import fleet
from console.cli.terminal.output import listing_output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing

if TYPE_CHECKING:
    from leeward.record import Catalogue
    from leeward_admin import ExtensionState


@click.command()
@listing_output
@click.pass_context
def extensions(context: click.Context, screen: Screen) -> None:
    """List the extensions of this environment and of the workers. Exit code 1 if one cannot be used."""
    from leeward_admin import extensions_of

    found = extensions_of(_workers(screen))
    screen.listing(EXTENSIONS, found.usable, beside={"broken": [asdict(one) for one in found.broken]})
    if not screen.is_for_programs:
        for broken in found.broken:
            where = f"on {', '.join(broken.workers)}" if broken.workers else "here"
            screen.remark(f"{broken.name} cannot be used {where}: {broken.why}")
    context.exit(ExitCode.FAILED if found.broken else ExitCode.OK)


def _workers(screen: Screen) -> "Mapping[str, Catalogue]":
    """What is installed here is known without a server."""
    from leeward.errors import NotReady, Unavailable

    try:
        with fleet() as admin:
            return admin.record.workers()
    except (NotReady, Unavailable) as error:
        screen.remark(f"What the workers run is unknown: {str(error).rstrip('.')}.")
        return {}


def _brings(one: "ExtensionState") -> str:
    counted = {
        "providers": one.providers,
        "kinds": one.kinds,
        "periodic": one.periodic,
        "handlers": one.handlers,
    }
    return "; ".join(f"{name} {', '.join(parts)}" for name, parts in counted.items() if parts)


EXTENSIONS: "Listing[ExtensionState]" = Listing(
    name="extensions",
    columns=(
        Column(key="name", heading="extension", value=lambda one: one.name),
        Column(key="package", value=lambda one: f"{one.distribution} {one.version}".strip(), cut=True),
        Column(key="api", value=lambda one: one.api),
        Column(key="brings", value=_brings, wrap=True),
        Column(key="installed", heading="here", value=lambda one: one.installed),
        Column(
            key="workers",
            heading="worker processes",
            value=lambda one: list(one.workers),
            text=lambda one: len(one.workers),
        ),
    ),
    more=asdict,
)
