"""The step that a deployment runs before its processes."""

import sys
from collections.abc import Callable

import psycopg

from tests.support.processes import RunningProcess

COMMAND = [sys.executable, "-m", "workers.processes.migrate"]


def test_the_configured_database_is_migrated_and_a_second_run_changes_nothing(
    start_process: Callable[..., RunningProcess], empty_database_url: str
) -> None:
    for _ in range(2):
        process = start_process(COMMAND, env={"LEEWARD_DATABASE_URL": empty_database_url})
        assert process.wait(60) == 0, process.output

    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_a_missing_address_is_told(start_process: Callable[..., RunningProcess]) -> None:
    process = start_process(COMMAND)

    assert process.wait() == 1
    assert process.output == "LEEWARD_DATABASE_URL is not set; set it to the database to migrate.\n"


def test_a_database_that_does_not_answer_is_told_in_one_message(start_process: Callable[..., RunningProcess]) -> None:
    process = start_process(COMMAND, env={"LEEWARD_DATABASE_URL": "postgresql://leeward:hidden@127.0.0.1:9/leeward"})

    assert process.wait() == 1
    assert "postgresql://leeward:[redacted]@127.0.0.1:9/leeward cannot be reached" in process.output
    assert "hidden" not in process.output
    assert "Traceback" not in process.output
