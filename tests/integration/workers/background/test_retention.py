"""The nightly prune, as the settings want it."""

from datetime import UTC, datetime, timedelta

import pytest
import structlog
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from actors.prune import declare_prune
from bench.dlq.letters import fill
from broker.broker import LeewardBroker
from middleware.order import rings
from storage.database.url import parsed
from workers.background.retention import RetentionRun, retention_of
from workers.settings.settings import Settings

# When the partition that a fresh database has is over.
LATER = datetime.now(UTC) + timedelta(days=130)


def settings(database_url: str, **values: str) -> Settings:
    return Settings.load(
        {"LEEWARD_DATABASE_URL": database_url} | {f"LEEWARD_{name}": text for name, text in values.items()}
    )


def count(connection: Connection) -> int:
    with connection.begin():
        return int(connection.execute(text("SELECT count(*) FROM dead_letters")).scalar_one())


def test_the_periods_are_those_of_the_settings(database_url: str) -> None:
    chosen = retention_of(settings(database_url, KEEP_FINISHED="10d", KEEP_RECOVERED="12h"))

    assert (chosen.discarded, chosen.recovered) == (timedelta(days=10), timedelta(hours=12))
    assert (chosen.superseded, chosen.replays) == (timedelta(days=10), timedelta(days=10))


def test_the_actor_prunes_and_a_database_that_is_away_has_it_tried_again(
    valkey_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.background.retention._log", structlog.get_logger())
    engine = create_engine(parsed(database_url))
    broker = LeewardBroker(valkey_url, middleware=rings())
    pruning = RetentionRun(settings(database_url))
    actor = declare_prune(broker, lambda: pruning.run(LATER), schedule="17 3 * * *")
    with engine.connect() as connection:
        fill(connection, 10, days=1, states=["discarded", "failed"])

        with capture_logs() as lines:
            actor.fn()
            actor.fn()

        assert count(connection) == 5
    pruned = [line for line in lines if line["event"] == "dead_letters_pruned"]
    assert [(line.get("dropped"), line.get("moved"), line.get("kept")) for line in pruned] == [
        (5, 5, None),
        (None, None, 5),
    ]
    engine.dispose()

    away = RetentionRun(settings("postgresql://leeward:secret@127.0.0.1:9/leeward"))
    other = declare_prune(LeewardBroker(valkey_url, middleware=rings()), away.run, schedule="17 3 * * *")
    with pytest.raises(OperationalError) as raised:  # the ring that retries has the tick run again
        other.fn()
    assert "secret" not in str(raised.value)
