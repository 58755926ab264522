"""A private Valkey on loopback with its append-only file on."""

import signal
import socket
from contextlib import suppress
from functools import partial
from pathlib import Path

from leeward.embedded.free_port import LOOPBACK
from leeward.embedded.password import password_in
from leeward.embedded.programs import valkey_program
from leeward.embedded.server_process import ServerProcess, start_on_a_port

_PROBE_TIMEOUT_SECONDS = 1.0


class EmbeddedValkey:
    """One Valkey server and its data directory. Not thread-safe.

    What was answered survives `stop`. SIGKILL of the server loses what was answered while the disk was at an fsync, and a crash of the
    machine the last second (`appendfsync everysec`). Memory is not bounded and nothing is evicted. It ends with the thread that called
    `start`.
    """

    def __init__(self, directory: Path, *, port: int | None = None) -> None:
        """`directory` is made when missing; without `port` a free one is chosen at the first start and kept."""
        self.directory = directory.absolute()
        self.port = port
        self._process = ServerProcess(name="valkey", directory=self.directory, stop_signal=signal.SIGTERM)

    @property
    def url(self) -> str:
        """`redis://` with the password; only after the first start."""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def start(self) -> None:
        """Returns when the server answers and has loaded its data.

        Raises:
            NoServerProgram: the wheel is missing.
            DirectoryInUse: another server runs on this directory.
            ServerDidNotStart: with the server's log.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._process.claim():
            self._write_configuration()
            self.port = start_on_a_port(self._start, self.port)

    def stop(self) -> None:
        """Returns when the server has written its data and ended."""
        self._process.stop()

    def kill(self) -> None:
        """SIGKILL. A later `start` has the same data, port and password."""
        self._process.kill()

    def restart(self) -> None:
        """Stops, then starts on the same data and port."""
        self.stop()
        self.start()

    @property
    def _password(self) -> str:
        return password_in(self.directory / "password")

    def _write_configuration(self) -> None:
        """The password goes by file: command lines can be read by everyone."""
        self._configuration.touch(mode=0o600)
        self._configuration.write_text(f"requirepass {self._password}\n")

    @property
    def _configuration(self) -> Path:
        return self.directory / "valkey.conf"

    def _start(self, port: int) -> None:
        options = {"bind": LOOPBACK, "port": str(port), "dir": str(self.directory), "daemonize": "no", "save": ""}
        options |= {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
        flags = [part for name, value in options.items() for part in (f"--{name}", value)]
        self._process.start([valkey_program(), self._configuration, *flags], is_ready=partial(self._answers, port))

    def _answers(self, port: int) -> bool:
        """An inline PING: this package needs no client. `-LOADING` does not count as an answer."""
        request = f"AUTH {self._password}\r\nPING\r\n".encode()
        with suppress(OSError), socket.create_connection((LOOPBACK, port), _PROBE_TIMEOUT_SECONDS) as connection:
            connection.sendall(request)
            answer = b""
            while answer.count(b"\r\n") < 2:  # noqa: PLR2004 # one line for AUTH, one for PING
                part = connection.recv(256)
                if not part:
                    return False
                answer += part
            return answer == b"+OK\r\n+PONG\r\n"
        return False
