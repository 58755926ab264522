"""`leeward up`, `worker`, `scheduler`: what runs until it is stopped."""

import sys
from typing import TYPE_CHECKING, Literal

import click

from console.screen import Screen, output

if TYPE_CHECKING:
    from workers.addresses import Addresses
    from workers.settings import Settings


@click.command(short_help="Run everything on this machine.")
@output
def up(screen: Screen) -> None:
    """Run everything on this machine: servers where none are configured, workers, scheduler."""
    settings = _settings(screen)
    from workers.settings_display import shown_url
    from workers.up import up as run

    def tell(addresses: "Addresses") -> None:
        running = {
            "running": True,
            "valkey_url": shown_url(addresses.valkey_url),
            "database_url": shown_url(addresses.database_url),
            "data_dir": str(settings.data_dir.absolute()),
        }
        if screen.as_json:
            screen.record(running)
        else:
            screen.line(f"Running. Valkey: {running['valkey_url']}  PostgreSQL: {running['database_url']}")
            screen.line("Other commands find them from this folder. Stop with Ctrl-C.")
        sys.stdout.flush()

    run(settings, on_running=tell)


@click.command(short_help="Run this machine's worker processes.")
@click.option("--processes", type=click.IntRange(1, 256), help="Worker processes; LEEWARD_PROCESSES otherwise.")
@click.option("--threads", type=click.IntRange(1, 1024), help="Threads in each; LEEWARD_THREADS otherwise.")
@output
def worker(screen: Screen, processes: int | None, threads: int | None) -> None:
    """Run this machine's worker processes, with their metrics and health."""
    from workers.addresses import with_running_servers
    from workers.host import run

    chosen = {name: value for name, value in (("processes", processes), ("threads", threads)) if value is not None}
    run(with_running_servers(_settings(screen).model_copy(update=chosen)))


@click.command()
@output
def scheduler(screen: Screen) -> None:
    """Run a scheduler of the periodic jobs. Any number may run."""
    from workers.addresses import with_running_servers
    from workers.scheduler import run

    run(with_running_servers(_settings(screen)))


def _settings(screen: Screen) -> "Settings":
    """The configuration, with the log set up as it says, or as JSON."""
    from workers.logs import configure
    from workers.settings import Settings

    settings = Settings.from_environment()
    form: Literal["auto", "json", "text"] = "json" if screen.as_json else settings.log_format
    configure(level=settings.log_level, form=form)
    return settings.model_copy(update={"log_format": form})
