"""Finds a program of the distribution, or ends the test that needs it."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.waiting import wait_until

REQUIRED = "REQUIRE_REAL_SERVERS"
"""Set by `.ci/run` where it installs the programs: there, one that is missing is a failure."""
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/lib/postfix/sbin:/usr/lib/dovecot"


def program(name: str, *, package: str) -> str:
    """The program's path. Skips the test when it is not installed, or fails it where `REQUIRED` is set; `package` is Debian's."""
    found = shutil.which(name, path=_PATH)
    if found is not None:
        return found
    reason = f"{name} is not installed: apt-get install {package}"
    return pytest.fail(reason) if os.environ.get(REQUIRED) else pytest.skip(reason)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A new folder that a server can read and write whose account is not ours."""
    with TemporaryDirectory(prefix="leeward-real-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


@contextmanager
def running(command: Sequence[str | Path], folder: Path, port: int) -> Iterator[None]:
    """A server in the foreground, as an account without rights; until it takes connections, and until the block ends.

    What it says goes to `output` in the folder, and into the failure when it ends before it listens.
    """
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    said = folder / "output"
    with (
        said.open("wb") as output,
        subprocess.Popen(
            [*map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={"PATH": _PATH, "HOME": str(folder), "LC_ALL": "C"},
            cwd=folder,
            user=None if account is None else account.pw_uid,
            group=None if account is None else account.pw_gid,
            extra_groups=None if account is None else [],
            start_new_session=True,
        ) as process,
    ):
        try:
            wait_until(
                lambda: _listens(port) or process.poll() is not None, description=f"{command[0]} listens", timeout=30
            )
            assert process.poll() is None, said.read_text(errors="replace")
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with its workers and helpers


def _listens(port: int) -> bool:
    listening = f":{port:04X} 00000000:0000 0A"
    return any(listening in line for line in Path("/proc/net/tcp").read_text().splitlines())
