"""The options of a job: what travels, and what is said of a wrong one."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from dramatiq import Message

from leeward import Request, SyncUser
from leeward.errors import Invalid
from leeward.request import entry_for
from leeward.wire.entry import Entry
from leeward.wire.running import running_job

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ALICE = SyncUser(user="alice")
DAY_MS = 86_400_000


def entry(**options: Any) -> Entry:
    return entry_for(Request(ALICE, **options))


def options_of(entry: Entry) -> Mapping[str, Any]:
    return Message.decode(entry.message).options


def test_what_is_given_with_a_job_travels_with_it() -> None:
    found = options_of(entry(request_id="r-1", traceparent=TRACE, tags=["import", "customer-7"], priority="bulk"))

    assert (found["request_id"], found["traceparent"]) == ("r-1", TRACE)
    assert (found["tags"], found["priority"]) == (["import", "customer-7"], "bulk")


def test_tags_are_there_once_and_a_job_without_tags_carries_none() -> None:
    assert options_of(entry(tags=("a", "b", "a")))["tags"] == ["a", "b"]
    assert "tags" not in options_of(entry())


def test_what_the_caller_gives_goes_before_what_the_running_job_has() -> None:
    running = SimpleNamespace(options={"request_id": "invite-17", "traceparent": TRACE, "tags": ["import"]})
    token = running_job.set(running)
    try:
        own, inherited = options_of(entry(request_id="mine")), options_of(entry())
    finally:
        running_job.reset(token)

    assert (own["request_id"], own["traceparent"]) == ("mine", TRACE)
    assert inherited["request_id"] == "invite-17"
    assert "tags" not in inherited


def test_a_job_for_an_instant_waits_until_then_and_has_its_own_budget_from_then_on() -> None:
    at = datetime.now(UTC) + timedelta(hours=2)
    found = entry(run_at=at)

    assert found.due_ms == int(at.timestamp() * 1000)
    assert found.delay_ms == found.due_ms - found.sent_ms
    assert options_of(found)["deadline"] == found.due_ms + DAY_MS


def test_an_instant_that_is_over_means_now() -> None:
    assert entry(run_at=datetime(2020, 1, 1, tzinfo=UTC)).delay_ms == 0


def test_a_deadline_of_the_callers_counts_from_now_also_for_a_job_of_later() -> None:
    found = entry(run_at=datetime.now(UTC) + timedelta(hours=2), deadline=timedelta(hours=3))

    assert options_of(found)["deadline"] == found.sent_ms + 3 * 3_600_000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"priority": "high"}, "'high' is not a priority: write one of interactive, normal, bulk"),
        ({"priority": "norml"}, "did you mean 'normal'?"),
        ({"priority": 3}, "3 is not a priority"),
        ({"delay": 5}, "write delay=timedelta(seconds=5)"),
        ({"delay": "5m"}, "delay is a timedelta; this one is str"),
        ({"delay": timedelta(seconds=-1)}, "delay is negative"),
        ({"delay": datetime.now(UTC)}, "for an instant there is run_at"),
        ({"deadline": 60}, "write deadline=timedelta(seconds=60)"),
        ({"deadline": datetime(2030, 1, 1)}, "the deadline needs a time zone"),  # noqa: DTZ001
        ({"run_at": datetime(2030, 1, 1)}, "the run_at needs a time zone: use datetime.now(UTC) + ..."),  # noqa: DTZ001
        ({"run_at": timedelta(hours=1)}, "for a span from now there is delay"),
        ({"run_at": "tomorrow"}, "run_at is a datetime with a time zone; this one is str"),
        ({"run_at": datetime.now(UTC), "delay": timedelta(0)}, "give one of them"),
        ({"tags": "import"}, "write tags=['import', 'customer-7']"),
        ({"tags": ["a"] * 8 + [str(n) for n in range(8)]}, "a job has 8 tags at most; these are 9"),
        ({"tags": [7]}, "a tag is a text; this one is int"),
        ({"tags": ["x" * 65]}, "a tag has 1 to 64 characters; this one has 65"),
        ({"tags": ["a\nb"]}, "must not contain control characters"),
        ({"request_id": ""}, "request_id has 1 to 255 characters"),
        ({"request_id": 17}, "request_id is a text; this one is int"),
        ({"traceparent": "00-aa-bb-01"}, "traceparent is not one of W3C trace context"),
        ({"traceparent": TRACE.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32)}, "traceparent is not one"),
        ({"partition": 7}, "a partition is a text; this one is int"),
        ({"idempotency_key": 7}, "an idempotency key is a text; this one is int"),
    ],
)
def test_a_wrong_option_is_answered_with_what_to_pass(options: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        entry(**options)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({"user": "alice"}, "a dict is not a job"),
        (SyncUser, "SyncUser is a class of jobs: pass one of its jobs, SyncUser(...)"),
        ("sync.user", "this one is str"),
        (None, "this one is NoneType"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"delay": timedelta(1)}, {"run_at": datetime.now(UTC)}])
def test_what_is_no_job_is_answered_with_what_to_pass(job: Any, said: str, options: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        entry_for(Request(job, **options))
    assert said in str(refused.value)
