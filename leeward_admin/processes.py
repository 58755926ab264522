"""What runs until it is stopped: everything on this machine, worker processes, a scheduler. Main thread only."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from leeward_admin.server_errors import translated
from workers.processes.addresses import Addresses, with_running_servers
from workers.settings.display import shown_url
from workers.settings.settings import Settings

__all__ = ["Running", "outbox_relay", "scheduler", "up", "worker"]


@dataclass(frozen=True, slots=True)
class Running:
    """Where the servers of an `up` are.

    Attributes:
        valkey_url, database_url: without their passwords.
        data_dir: the folder by which other commands find them.
    """

    valkey_url: str
    database_url: str
    data_dir: Path


def up(
    settings: Settings, *, procfile: Path | None = None, on_running: Callable[[Running], None] = lambda _: None
) -> None:
    """Runs servers where none are configured, workers and a scheduler, until SIGTERM or SIGINT.

    Args:
        settings: the configuration.
        procfile: names the processes to run; by default `Procfile` in the current folder, or where there is none, a worker and a scheduler.
        on_running: called once, when everything has been started.

    Raises:
        Conflict: another one runs on the same data folder.
        NotReady: something could not be started; the text says what to do.
        ServerUnreachable, SchemaMissing: a server that is configured does not answer, or lacks tables.
    """
    from workers.processes.up import up as run

    def tell(addresses: Addresses) -> None:
        shown = shown_url(addresses.valkey_url), shown_url(addresses.database_url)
        on_running(Running(*shown, settings.data_dir.absolute()))

    with translated(settings):
        run(settings, procfile=procfile, on_running=tell)


def worker(settings: Settings) -> None:
    """Runs this machine's worker processes, with their metrics and health, until SIGTERM or SIGINT.

    Raises:
        NotReady: no Valkey is configured, or a process could not be started.
        ServerUnreachable, SchemaMissing: a server does not answer, or lacks tables.
    """
    from workers.processes.host import run

    reachable = with_running_servers(settings)
    with translated(reachable):
        run(reachable)


def scheduler(settings: Settings) -> None:
    """Runs a scheduler of the periodic jobs until SIGTERM or SIGINT. Any number may run.

    Raises:
        NotReady: no Valkey is configured.
        ServerUnreachable: Valkey does not answer.
    """
    from workers.processes.scheduler import run

    reachable = with_running_servers(settings)
    with translated(reachable):
        run(reachable)


def outbox_relay(settings: Settings) -> None:
    """Runs a relay of the outbox that is configured until SIGTERM or SIGINT. Any number may run.

    Raises:
        NotReady: no outbox or no Valkey is configured.
    """
    from workers.processes.outbox_relay import run

    run(with_running_servers(settings))
