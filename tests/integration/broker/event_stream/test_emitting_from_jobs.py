"""A job emits with its success, at once, or when it dies."""

from typing import Any

import dramatiq
import pytest
import redis

from broker.event_stream.stream import Cursor, EventStream
from leeward.client import Leeward
from leeward.extension import Permanent, emit_event, emit_event_if_dead, emit_event_now
from leeward.status import JobState
from middleware.order import rings
from tests.support.fleets.workers_under_test import broker_at, working
from tests.support.waiting import wait_until

QUEUE = "films.shelf"


def events(client: "redis.Redis") -> list[tuple[str, dict[str, Any]]]:
    return [(one.name, one.data) for one in EventStream(client, "shelf").after(Cursor("0-0")).events]


def ended(client: Leeward, job_id: str) -> JobState:
    return wait_until(
        lambda: (state := client.status(job_id).state).is_final and state, description="the job ended", timeout=30
    )


@pytest.mark.parametrize(
    ("dies", "expected"),
    [
        (False, ["film.begun", "film.there"]),
        (True, ["film.begun", "film.failed"]),
    ],
)
def test_it_begins_once_and_ends_in_one_way(
    valkey_url: str, valkey: "redis.Redis", *, dies: bool, expected: list[str]
) -> None:
    with broker_at(valkey_url, middleware=rings()) as broker:

        @dramatiq.actor(broker=broker, actor_name="film", queue_name=QUEUE)
        def film() -> None:
            emit_event_now("film.begun", film="m", url="https://ann:hunter2@films.example/m")
            emit_event_if_dead("film.failed", film="m", password="hunter2")
            if dies:
                raise Permanent("there is none")
            emit_event("film.there", film="m", token="hunter2")

        with working(broker), Leeward(valkey_url) as client:
            job_id = str(film.send().message_id)
            assert ended(client, job_id) is (JobState.DEAD if dies else JobState.DONE)

    assert [name for name, _ in events(valkey)] == expected
    assert "hunter2" not in str(events(valkey))
    if dies:
        assert events(valkey)[-1][1]["reason"] == "permanent"
