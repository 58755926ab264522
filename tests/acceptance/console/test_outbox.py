"""`leeward outbox`: from a database without a table to rows that a person decides about."""

import json
import signal
import urllib.request
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from console.cli.outbox import outbox as command
from leeward import SyncUser, outbox
from tests.support.fleets.fleet import LEEWARD
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until


@pytest.fixture
def environment(empty_database_url: str, valkey_url: str) -> dict[str, str]:
    return {
        "LEEWARD_VALKEY_URL": valkey_url,
        "LEEWARD_OUTBOX_DATABASE_URL": empty_database_url,
        "LEEWARD_OUTBOX_HTTP_PORT": "0",
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(command, words, env=environment)


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM leeward_outbox WHERE refused_code IS NULL").fetchone()
    assert found is not None
    return int(found[0])


def test_from_a_database_without_a_table_to_a_decision(
    run: Callable[..., Result],
    environment: dict[str, str],
    empty_database_url: str,
    start_process: Callable[..., RunningProcess],
) -> None:
    assert "has no table leeward_outbox" in str(run("status").exception)
    assert run("migrate").exit_code == run("migrate").exit_code == 0
    relay = start_process([LEEWARD, "outbox", "relay", "--json"], env=environment)
    started = json.loads(relay.wait_for_output("outbox_relay_started"))
    with psycopg.connect(empty_database_url) as connection:
        first, conflict = (
            outbox.add(connection, SyncUser(user=user), idempotency_key="k").job_id for user in ("alice", "bob")
        )
    wait_until(lambda: rows(empty_database_url) == 0, description="the relay has decided about both rows")

    status = document(run("status", "--json"))
    assert len(status["relays"]) == 1
    assert [(one["provider"], one["refused"]) for one in status["providers"]] == [
        ("jellyfin", {"idempotency_conflict": 1})
    ]
    (refused,) = document(run("refused", "--json"))["refused"]
    assert (refused["job"], refused["reason"]) == (conflict, "idempotency_conflict")
    assert first in refused["detail"]
    with urllib.request.urlopen(started["metrics"]) as answer:
        metrics = answer.read().decode()
    assert 'leeward_relay_sent_rows_total{provider="jellyfin"} 1.0' in metrics
    assert 'leeward_relay_refusals_total{provider="jellyfin",reason="no_worker"} 0.0' in metrics

    assert document(run("retry", conflict[:8], "--json")) == {"returned": 1}
    wait_until(lambda: document(run("refused", "--json"))["refused"], description="it is refused again")
    assert document(run("discard", conflict, "--yes", "--json")) == {"discarded": 1}
    assert document(run("refused", "--json"))["refused"] == []
    assert "keeps no row aside" in str(run("retry", conflict).exception)
    relay.send(signal.SIGTERM)
    assert relay.wait() == 0
    assert json.loads(relay.output.splitlines()[-1])["sent"] == 1


def test_the_statements_are_those_of_the_package(run: Callable[..., Result]) -> None:
    assert document(run("migrate", "--sql", "--json")) == {"statements": list(outbox.UPGRADE)}


def test_retry_needs_jobs_or_all(run: Callable[..., Result]) -> None:
    assert run("retry").exit_code == run("retry", "--all", "job").exit_code == 2


def test_without_an_address_it_says_what_to_set(valkey_url: str) -> None:
    result = CliRunner().invoke(command, ["status"], env={"LEEWARD_VALKEY_URL": valkey_url})
    assert "set LEEWARD_OUTBOX_DATABASE_URL" in str(result.exception)
