"""PostgreSQL starts as root in every way that is open, and as an ordinary user, and opens no folder for it."""

import os
import pwd
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tests.support.processes import ROOT, RunningProcess
from tests.support.servers import FAST_POSTGRES
from workers.embedded import EmbeddedPostgres
from workers.embedded.binaries import copy_readable, postgres_bindir
from workers.embedded.unprivileged import NoUnprivilegedWay, is_open_to_all, unprivileged

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="what is tested is root's way around PostgreSQL's refusal")

NOBODY = pwd.getpwnam("nobody")

BOTH_SERVERS = """
import sys
from pathlib import Path
import psycopg
from workers.embedded import EmbeddedPostgres, EmbeddedValkey
folder = Path(sys.argv[1])
valkey, postgres = EmbeddedValkey(folder / "val key"), EmbeddedPostgres(folder / "post gres")
valkey.start()
postgres.start()
with psycopg.connect(postgres.url) as connection:
    print("answer", connection.execute("SELECT 6 * 7").fetchone()[0])
postgres.stop()
valkey.stop()
print("all stopped")
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can pass through, as pytest's own are not."""
    with TemporaryDirectory(prefix="leeward open ") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


@pytest.fixture
def without_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without the `unshare` program."""
    monkeypatch.setenv("PATH", "/nonexistent")


def test_a_user_namespace_serves_programs_and_data_in_a_closed_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    bindir = copy_readable(postgres_bindir(), closed / "programs")
    way = unprivileged(bindir, closed / "data")
    if not way.prefix:
        pytest.skip("user namespaces are not allowed here")

    assert answer_of(EmbeddedPostgres(closed / "data", bindir=bindir, options=FAST_POSTGRES)) == 42
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.usefixtures("without_namespaces")
def test_nobody_runs_programs_that_it_can_reach(open_folder: Path) -> None:
    server = EmbeddedPostgres(open_folder / "data", bindir=reachable_programs(open_folder), options=FAST_POSTGRES)

    assert answer_of(server) == 42
    assert (open_folder / "data").stat().st_uid == NOBODY.pw_uid
    assert not (open_folder / "data" / "programs").exists()


@pytest.mark.usefixtures("without_namespaces")
def test_programs_in_a_closed_folder_are_copied_for_nobody(open_folder: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    bindir = copy_readable(postgres_bindir(), closed)

    assert answer_of(EmbeddedPostgres(open_folder / "data", bindir=bindir, options=FAST_POSTGRES)) == 42
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.usefixtures("without_namespaces")
def test_a_closed_data_folder_is_refused_with_advice_and_stays_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(NoUnprivilegedWay, match="set LEEWARD_DATA_DIR") as refused:
        EmbeddedPostgres(closed / "data").start()

    assert refused.value.directory == closed / "data"
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_an_ordinary_user_starts_both_servers(open_folder: Path, start_process: Callable[..., RunningProcess]) -> None:
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, NOBODY.pw_uid, NOBODY.pw_gid)
    search = os.pathsep.join(
        [str(ROOT), str(ROOT / "schemas" / "src"), *(path for path in sys.path if path.endswith("site-packages"))]
    )

    process = start_process(
        [*become_nobody(), python_for_everyone(), "-c", BOTH_SERVERS, home], env={"PYTHONPATH": search}, cwd=home
    )

    assert process.wait(60) == 0, process.output
    assert "answer 42" in process.output
    assert (home / "post gres" / "data").stat().st_uid == NOBODY.pw_uid


def answer_of(server: EmbeddedPostgres) -> int:
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            row = connection.execute("SELECT 6 * 7").fetchone()
    finally:
        server.stop()
    assert row is not None
    return int(row[0])


def reachable_programs(folder: Path) -> Path:
    bindir = postgres_bindir()
    return bindir if is_open_to_all(bindir) else copy_readable(bindir, folder / "programs")


def become_nobody() -> list[str]:
    return ["setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups", "--"]


def python_for_everyone() -> Path:
    """An interpreter of our own version that another account can start, and the packages with it."""
    if not is_open_to_all(ROOT) or not is_open_to_all(postgres_bindir()):
        pytest.skip("another account cannot reach this checkout")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (Path(sys.executable).resolve(), Path("/usr/bin") / version):
        if candidate.exists() and is_open_to_all(candidate.resolve().parent):
            return candidate
    return pytest.skip(f"another account cannot reach a {version}")
