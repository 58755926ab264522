"""Fixtures for everyone: real servers, clean databases, processes that are always cleaned up."""

import itertools
import logging
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from leeward.jobs.kinds import KINDS
from leeward.redaction import credentials, names
from tests.support.examples import load
from tests.support.ordering import mark_costly, waiting_beside_working
from tests.support.processes import RunningProcess
from tests.support.servers import connect_valkey, fresh_database, make_template, running_postgres, running_valkey
from workers.embedded import EmbeddedPostgres, EmbeddedValkey

load()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "expects_critical_logs: Dramatiq may log at CRITICAL during this test")
    # A shell without job control starts what runs in the background with SIGINT ignored, and every process that a test starts
    # would inherit that: Ctrl-C would reach none of them. Workers of xdist start later, so this holds for them, too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First, so that `-m` sees the markers."""
    mark_costly(items)
    items[:] = waiting_beside_working(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hostile text that a test wrote to its log must not break the report on its way from an xdist worker."""
    report = yield
    report.sections = [(name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections]
    return report


@pytest.fixture(autouse=True)
def _secrets_of_no_other_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process knows to hide is its own: each test begins with nothing."""
    monkeypatch.setattr(credentials, "_known", set())
    monkeypatch.setattr(credentials, "_finder", None)
    monkeypatch.setattr(names, "_added", set())


@pytest.fixture(autouse=True)
def _kinds_of_no_other_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process has learned of kinds is its own, too."""
    for name in ("_published", "_made", "_described"):
        monkeypatch.setattr(KINDS, name, {})
    monkeypatch.setattr(KINDS, "_source", None)
    monkeypatch.setattr(KINDS, "_models", KINDS._models)  # never changed in place


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[EmbeddedValkey]:
    """The session's Valkey. Do not stop it: `own_valkey` is for that."""
    with running_valkey() as server:
        yield server


@pytest.fixture(scope="session")
def valkey_url(valkey_server: EmbeddedValkey) -> str:
    """Empty at the start of every test that asks for it."""
    return valkey_server.url


@pytest.fixture(autouse=True)
def _nothing_left_in_valkey(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set up first, so torn down last: workers and brokers of the test have stopped by then."""
    yield
    if "valkey_url" in request.fixturenames:
        with connect_valkey(request.getfixturevalue("valkey_url")) as client:
            client.flushall()


@pytest.fixture
def valkey(valkey_url: str) -> Iterator["redis.Redis"]:
    """A client of the session's Valkey, on a clean database; answers are bytes."""
    with connect_valkey(valkey_url) as client:
        yield client


@pytest.fixture
def own_valkey() -> Iterator[EmbeddedValkey]:
    """A running Valkey that the test may kill and start again."""
    with running_valkey() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """The session's PostgreSQL. Do not stop it: `own_postgres` is for that."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _migrated_template(postgres_server: EmbeddedPostgres) -> str:
    return make_template(postgres_server.url)


@pytest.fixture
def database_url(postgres_server: EmbeddedPostgres, _migrated_template: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    with fresh_database(postgres_server.url, template=_migrated_template) as url:
        yield url


@pytest.fixture
def empty_database_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A database of the test's own without any table."""
    with fresh_database(postgres_server.url) as url:
        yield url


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """A running PostgreSQL that the test may kill and start again; its database has no tables yet."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def start_process(tmp_path: Path) -> Iterator[Callable[..., RunningProcess]]:
    """Starts processes as `RunningProcess(command, env=..., cwd=...)` does, and kills what is left at the end."""
    started: list[RunningProcess] = []
    numbers = itertools.count(1)

    def start(command: list[str | Path], **options: Any) -> RunningProcess:
        process = RunningProcess(command, log=tmp_path / f"process-{next(numbers)}.log", **options)
        started.append(process)
        return process

    yield start
    for process in reversed(started):
        process.clean_up()


class _CriticalRecords(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.CRITICAL)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def _no_critical_log_from_dramatiq(request: pytest.FixtureRequest) -> Iterator[None]:
    """Dramatiq swallows what its middleware raises; a CRITICAL record is all that can be seen of it."""
    handler = _CriticalRecords()
    logger = logging.getLogger("dramatiq")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    if handler.records and request.node.get_closest_marker("expects_critical_logs") is None:
        said = "\n".join(logging.Formatter().format(record) for record in handler.records)
        pytest.fail(f"Dramatiq logged at CRITICAL:\n{said}")
