"""A row is enqueued as if that had happened when it was written, whatever the clocks of the producer and the relay say."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leeward import Request, SyncUser
from leeward.outbox.row import row_for
from storage.outbox_rows.shard import Shard, WaitingRow
from workers.relay.preparation import entry_of, misfit

HOUR_MS = 3_600_000


def written(age_ms: int = 0, **options: Any) -> WaitingRow:
    row = row_for(Request(SyncUser(user="alice"), **options))
    fields = row._asdict() | {"age_ms": age_ms}
    return WaitingRow(**{name: fields[name] for name in WaitingRow._fields})


def options_of(message: bytes) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(message)["options"]
    return options


def test_a_delay_is_what_is_left_of_it() -> None:
    row = written(age_ms=HOUR_MS, delay=timedelta(hours=3))
    assert entry_of(row, row.stamped_ms + HOUR_MS).delay_ms == 2 * HOUR_MS
    assert entry_of(row._replace(age_ms=4 * HOUR_MS), row.stamped_ms + 4 * HOUR_MS).delay_ms == 0


def test_an_instant_stays_an_instant_however_long_the_row_has_waited() -> None:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    row = written(age_ms=HOUR_MS, run_at=at)
    due_ms = round(at.timestamp() * 1000)

    assert entry_of(row, due_ms - HOUR_MS).delay_ms == HOUR_MS
    assert entry_of(row, due_ms + HOUR_MS).delay_ms == 0


def test_where_the_clocks_agree_the_message_is_not_touched() -> None:
    row = written(age_ms=HOUR_MS)
    assert entry_of(row, row.stamped_ms + HOUR_MS).message is row.message


@pytest.mark.parametrize("wrong_by_ms", [-5 * HOUR_MS, 5 * HOUR_MS])
def test_a_deadline_of_a_producer_with_a_wrong_clock_counts_from_when_the_row_was_written(wrong_by_ms: int) -> None:
    row = written(age_ms=HOUR_MS, deadline=timedelta(hours=2))
    now_ms = row.stamped_ms + HOUR_MS - wrong_by_ms

    message = entry_of(row, now_ms).message
    assert options_of(message)["deadline"] == now_ms + HOUR_MS
    assert json.loads(message)["message_timestamp"] == now_ms - HOUR_MS


def test_a_deadline_that_is_an_instant_is_the_callers() -> None:
    row = written(deadline=datetime.now(UTC) + timedelta(hours=2))
    message = entry_of(row, row.stamped_ms + 5 * HOUR_MS).message

    assert options_of(message)["deadline"] == options_of(row.message)["deadline"]


def test_what_the_outbox_writes_fits() -> None:
    assert misfit(Shard("jellyfin", 0), written(partition="tenant: 1")) is None
