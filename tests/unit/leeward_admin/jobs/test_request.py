"""From what was written to a job."""

from datetime import UTC, datetime, timedelta

import pytest

from leeward import Priority, SyncUser
from leeward.errors import Invalid
from leeward_admin import request_for


def test_options_may_be_text_or_spans() -> None:
    request = request_for(
        "sync.user", {"user": "alice"}, key="k", delay="10s", deadline=timedelta(hours=2), priority="bulk"
    )

    assert request.job == SyncUser(user="alice")
    assert (request.idempotency_key, request.delay, request.deadline, request.priority) == (
        "k", timedelta(seconds=10), timedelta(hours=2), Priority.BULK,
    )  # fmt: skip


def test_an_instant_may_be_text_too() -> None:
    request = request_for("sync.user", {"user": "a"}, run_at="2027-01-31T09:00:00+01:00", tags=["x"], partition="p")

    assert request.run_at == datetime(2027, 1, 31, 8, tzinfo=UTC)
    assert (request.tags, request.partition) == (["x"], "p")
    with pytest.raises(Invalid, match="write for example 2027"):
        request_for("sync.user", {"user": "a"}, run_at="soon")


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        ("sync.usr", {}, "did you mean sync.user?"),
        ("mail", {}, "there are download.file, "),
        ("sync.user", {}, "user: Field required"),
        ("sync.user", {"user": "a", "stat": "enabled"}, "stat: no such field, did you mean state?"),
        ("sync.user", {"user": "a", "zzz": 1}, "zzz: no such field, there are provider, user, state"),
        ("sync.user", {"user": "a", "state": "gone"}, "state: Input should be 'enabled', "),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(kind: str, payload: dict[str, object], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        request_for(kind, payload)
    assert said in str(refused.value)


def test_a_secret_is_never_repeated() -> None:
    with pytest.raises(Invalid) as refused:
        request_for("sync.user", {"user": "", "password": "hunter2", "passwort": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_an_impossible_option_is_refused() -> None:
    with pytest.raises(Invalid):
        request_for("sync.user", {"user": "a"}, delay="soon")
    with pytest.raises(Invalid):
        request_for("sync.user", {"user": "a"}, priority="urgent")
