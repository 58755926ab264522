"""`leeward check` knows an outbox that is configured and is not moved on."""

from datetime import timedelta

import psycopg

from leeward import SyncUser, outbox
from leeward.actions import MigrateOutbox, StartRelay
from leeward.wire.valkey.connection import connect
from leeward_admin.checks.check import Check, Verdict
from leeward_admin.checks.outbox import outbox_checks
from storage.database.engine import create_engine
from tests.support.waiting import wait_until
from workers.relay.relay import Relay
from workers.settings.settings import Settings


def checks(url: str) -> list[Check]:
    return outbox_checks(Settings.load({"LEEWARD_OUTBOX_DATABASE_URL": url}))


def verdicts(url: str) -> list[tuple[str, Verdict]]:
    return [(one.name, one.verdict) for one in checks(url)]


def test_where_none_is_configured_there_is_nothing_to_check() -> None:
    assert outbox_checks(Settings.load({})) == []


def test_a_database_without_the_table_or_that_is_not_there_is_a_problem(empty_database_url: str) -> None:
    (missing,) = checks(empty_database_url)
    assert missing.verdict is Verdict.PROBLEM
    assert "has no table leeward_outbox" in missing.detail
    assert missing.actions == (MigrateOutbox(),)

    (gone,) = checks(empty_database_url.rpartition("/")[0] + "/not_there")
    assert gone.verdict is Verdict.PROBLEM
    assert "does not exist" in gone.detail


def test_without_a_relay_there_is_a_warning_and_once_rows_wait_a_problem(empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url) as connection:
        outbox.create_table(connection)
    assert verdicts(empty_database_url) == [("outbox", Verdict.WARNING)]
    assert checks(empty_database_url)[0].actions == (StartRelay(),)

    with psycopg.connect(empty_database_url) as connection:
        outbox.add(connection, SyncUser(user="alice"))
    assert verdicts(empty_database_url) == [("outbox", Verdict.PROBLEM)]
    assert "jobs waiting there: 1" in checks(empty_database_url)[0].detail


def test_a_relay_counts_for_as_long_as_it_lives_and_refused_rows_are_a_warning(
    empty_database_url: str, valkey_url: str
) -> None:
    with psycopg.connect(empty_database_url) as connection:
        outbox.create_table(connection)
        for user in ("alice", "bob"):
            outbox.add(connection, SyncUser(user=user), idempotency_key="k")
    engine, client = create_engine(empty_database_url), connect(valkey_url)
    relay = Relay(engine, client)
    relay.start()
    try:
        expected = [("outbox", Verdict.OK), ("outbox", Verdict.WARNING)]
        wait_until(lambda: verdicts(empty_database_url) == expected, description="the relay is seen")
        assert "idempotency_conflict" in checks(empty_database_url)[1].detail
    finally:
        relay.stop(timedelta(seconds=20))
        engine.dispose()
        client.close()
    wait_until(lambda: ("outbox", Verdict.WARNING) in verdicts(empty_database_url), description="the relay is missed")
