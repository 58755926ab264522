"""A job that is not to start at once carries when it is due: from there its wait for a worker is counted."""

import json
from datetime import UTC, datetime, timedelta

from leeward import Request, SyncUser
from leeward.request import entry_for

JOB = SyncUser(user="alice")


def due_of(request: Request) -> tuple[int | None, int]:
    """The option, and when the message was made."""
    message = json.loads(entry_for(request).message)
    return message["options"].get("due"), message["message_timestamp"]


def test_a_delay_and_an_instant_are_carried() -> None:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    delayed, made_ms = due_of(Request(JOB, delay=timedelta(hours=1)))

    assert delayed == made_ms + 3_600_000
    assert due_of(Request(JOB, run_at=at))[0] == at.timestamp() * 1000


def test_the_usual_job_carries_nothing() -> None:
    assert due_of(Request(JOB))[0] is None
