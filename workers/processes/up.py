"""`leeward up`: everything on one machine, with embedded servers where none are configured."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import structlog

from leeward.embedded.directory_lock import DirectoryInUse, lock_directory
from leeward.errors import Conflict
from workers.embedded import EmbeddedPostgres, EmbeddedValkey
from workers.processes.addresses import Addresses, publish
from workers.processes.commands import commands
from workers.processes.migrate import migrate
from workers.settings.settings import Settings, environment_with
from workers.supervisor import ProcessSpec, Supervisor
from workers.supervisor.server_child import Server

_KILL_MARGIN = timedelta(
    seconds=20
)  # a worker host kills what outlasts its drain time itself, a little later than that
_PROBE_PATIENCE = timedelta(milliseconds=500)  # a command that looks for us holds the lock for an instant

log = structlog.get_logger(__name__)


class AlreadyUp(Conflict):
    """Raised when another `leeward up` holds the data folder.

    Attributes:
        data_dir: the folder.
    """

    code = "already_up"

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"Another `leeward up` runs on {data_dir}. Stop it first, or set LEEWARD_DATA_DIR to a folder of its own."
        )
        self.data_dir = data_dir


def up(
    settings: Settings, *, procfile: Path | None = None, on_running: Callable[[Addresses], None] = lambda _: None
) -> None:
    """Starts the missing servers, migrates the database, and keeps processes running until SIGTERM or SIGINT.

    Main thread only. `procfile` says which (default: as `commands` says). `on_running` is called once, when all have been started.

    Raises:
        AlreadyUp: the data folder is held by another one.
        InvalidProcfile, CannotStart: the Procfile, or a command in it.
        NoServerProgram, NoUnprivilegedWay, ServerDidNotStart, DirectoryInUse: an embedded server.
        DatabaseUnreachable, UnknownRevision: the migration.
    """
    chosen = commands(settings, procfile)
    with ExitStack() as stack:
        stack.enter_context(_only_one(settings.data_dir))
        addresses, servers = _start_servers(settings, stack)
        migrate(addresses.database_url)
        publish(addresses, settings.data_dir)
        environment = environment_with(
            LEEWARD_VALKEY_URL=addresses.valkey_url, LEEWARD_DATABASE_URL=addresses.database_url
        )
        Supervisor(
            [ProcessSpec(name=name, argv=resolved(argv), env=environment) for name, argv in chosen.items()],
            servers=servers,
            drain=settings.drain + _KILL_MARGIN,
            on_running=lambda: on_running(addresses),
        ).run()


def resolved(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command with `leeward` replaced by the one of this environment, whatever PATH says."""
    command, *arguments = argv
    if command == "leeward":
        command = str(Path(sys.executable).with_name("leeward"))
    return (command, *arguments)


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        lock = lock_directory(data_dir, patience=_PROBE_PATIENCE)
    except DirectoryInUse as busy:
        raise AlreadyUp(data_dir) from busy
    try:
        yield
    finally:
        os.close(lock)


def _start_servers(settings: Settings, stack: ExitStack) -> tuple[Addresses, Mapping[str, Server]]:
    """Starts those that are not configured; the stack stops them, should anything fail before the supervisor does."""
    servers: dict[str, Server] = {}
    if settings.valkey_url is None:
        servers["valkey"] = valkey = EmbeddedValkey(settings.data_dir / "valkey")
    if settings.database_url is None:
        servers["postgres"] = postgres = EmbeddedPostgres(settings.data_dir / "postgres")
    for name, server in servers.items():
        stack.callback(server.stop)
        server.start()
        log.info("process_started", process=name, pid=server.pid)
    return Addresses(
        valkey_url=settings.valkey_url.get_secret_value() if settings.valkey_url else valkey.url,
        database_url=settings.database_url.get_secret_value() if settings.database_url else postgres.url,
    ), servers
