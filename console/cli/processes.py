"""`leeward up`, `worker`, `scheduler`: commands that run until they are stopped."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen

if TYPE_CHECKING:
    from leeward_admin import Running, Settings


@click.command(short_help="Run everything on this machine.")
@click.option(
    "--procfile",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The processes to run. Default: Procfile in this folder; without one a worker and a scheduler.",
)
@output
def up(screen: Screen, procfile: Path | None) -> None:
    """Run everything on this machine: servers where none are configured, workers, scheduler."""
    from leeward_admin import up as run

    def tell(running: "Running") -> None:
        shown = {"running": True} | asdict(running) | {"data_dir": str(running.data_dir)}
        if screen.as_json:
            screen.record(shown)
        else:
            screen.line(f"Running. Valkey: {running.valkey_url}  PostgreSQL: {running.database_url}")
            screen.line("Other commands find them from this folder. Stop with Ctrl-C.")
        sys.stdout.flush()

    run(_settings(screen), procfile=procfile, on_running=tell)


@click.command(short_help="Run this machine's worker processes.")
@click.option(
    "--processes", type=click.IntRange(1, 256), help="Number of worker processes; LEEWARD_PROCESSES by default."
)
@click.option("--threads", type=click.IntRange(1, 1024), help="Threads per process; LEEWARD_THREADS by default.")
@output
def worker(screen: Screen, processes: int | None, threads: int | None) -> None:
    """Run this machine's worker processes, with their metrics and health."""
    from leeward_admin import worker as run

    chosen = {name: value for name, value in (("processes", processes), ("threads", threads)) if value is not None}
    run(_settings(screen).model_copy(update=chosen))


@click.command()
@output
def scheduler(screen: Screen) -> None:
    """Run a scheduler of the periodic jobs. Any number may run."""
    from leeward_admin import scheduler as run

    run(_settings(screen))


def _settings(screen: Screen) -> "Settings":
    """The configuration, with the log set up as it says, or as JSON."""
    from leeward_admin import log_as_configured, settings_to_work

    return log_as_configured(settings_to_work(), form="json" if screen.as_json else None)
