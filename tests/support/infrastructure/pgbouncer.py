"""A PgBouncer in front of a PostgreSQL, where the machine has the program."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg

from leeward.embedded.free_port import free_port
from tests.support.waiting import wait_until

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def pgbouncer(server_url: str, *, mode: str, options: str = "") -> Iterator[str]:
    """Yields a function's worth of address: the server's own URL, with the pooler's port.

    Args:
        server_url: of the PostgreSQL behind it.
        mode: `transaction` or `session`.
        options: further lines of its configuration.
    """
    assert PROGRAM is not None
    server, port = urlsplit(server_url), free_port()
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        configuration = Path(folder) / "pgbouncer.ini"
        configuration.write_text(
            f"[databases]\n* = host=127.0.0.1 port={server.port} user={server.username} password={server.password}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\npool_mode = {mode}\n"
            f"default_pool_size = 3\nunix_socket_dir =\n{options}\n"
        )
        # It does not run as root.
        nobody = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        with subprocess.Popen(
            [PROGRAM, "-q", str(configuration)], user=nobody, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            url = urlunsplit(server._replace(netloc=f"{server.username}:x@127.0.0.1:{port}"))
            try:
                wait_until(lambda: _answers(url), description="PgBouncer answers")
                yield url
            finally:
                process.kill()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
