"""`leeward extensions`: what is installed, what each extension brings, which workers run it, and what cannot be used."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from console.cli.exit_code import ExitCode
from console.cli.fleet import fleet
from console.cli.terminal.screen import Screen, output

if TYPE_CHECKING:
    from leeward.record import Catalogue
    from leeward_admin import ExtensionState


@click.command()
@output
@click.pass_context
def extensions(context: click.Context, screen: Screen) -> None:
    """List the extensions of this environment and of the workers. Exit code 1 if one cannot be used."""
    from leeward_admin import extensions_of

    found = extensions_of(_workers(screen))
    if screen.as_json:
        usable = [{**asdict(one), "workers": list(one.workers)} for one in found.usable]
        screen.document({"extensions": usable, "broken": [asdict(one) for one in found.broken]})
    else:
        columns = ("extension", "package", "api", "brings", "here", "worker processes")
        screen.table(columns, [_row(one) for one in found.usable])
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


def _row(one: "ExtensionState") -> tuple[object, ...]:
    counted = {
        "providers": one.providers,
        "kinds": one.kinds,
        "periodic": one.periodic,
        "handlers": one.handlers,
    }
    brings = "; ".join(f"{name} {', '.join(parts)}" for name, parts in counted.items() if parts)
    package = f"{one.distribution} {one.version}".strip()
    return (one.name, package, one.api, brings, "yes" if one.installed else "no", len(one.workers))
