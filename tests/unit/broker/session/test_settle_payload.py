"""Outcomes as the script takes them."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from broker.delivery.delivery import EVENT_LIMIT_BYTES
from broker.delivery.outcomes import Dead, Defer, Done, Outcome, Release, Retry
from broker.options import SessionOptions
from broker.session.settle_payload import KEY_KEPT, is_plain, settle_payload
from leeward.jobs.dead_reason import DeadReason
from tests.unit.broker.session.test_in_flight import delivery

KEPT = timedelta(minutes=15)
DAY_MS = 24 * 3_600_000


def fields(outcome: Outcome, **options: Any) -> dict[str, Any]:
    job = delivery()
    job.options.update(options)
    return settle_payload(job, outcome, kept=KEPT).fields


def test_a_success_without_anything_more_is_plain() -> None:
    assert is_plain(delivery(), Done())


@pytest.mark.parametrize("outcome", [Done(1), Retry(KEPT), Defer(KEPT, "x"), Release(), Dead(DeadReason.EXPIRED)])
def test_everything_else_is_not_plain(outcome: Outcome) -> None:
    assert not is_plain(delivery(), outcome)


@pytest.mark.parametrize("option", ["idempotency_key", "replay_of"])
def test_a_success_that_somebody_else_waits_for_is_not_plain(option: str) -> None:
    job = delivery()
    job.options[option] = "x"

    assert not is_plain(job, Done())


def test_a_result_is_json_text() -> None:
    assert orjson.loads(fields(Done({"a": [1]}))["result"]) == {"a": [1]}


def test_a_key_answers_for_a_day_after_success_and_death_alike() -> None:
    assert timedelta(hours=24) == KEY_KEPT
    for outcome in (Done(1), Dead(DeadReason.EXHAUSTED)):
        told = fields(outcome, idempotency_key="k")
        assert (told["key"], told["key_ms"]) == ("k", DAY_MS)


def test_a_replay_names_what_it_replays() -> None:
    assert fields(Done(), replay_of=17)["replay_of"] == "17"


@pytest.mark.parametrize("outcome", [Retry(timedelta(seconds=1.5)), Defer(timedelta(seconds=1.5), "wait")])
def test_a_retry_and_a_deferral_are_scheduled_in_whole_milliseconds(outcome: Outcome) -> None:
    told = fields(outcome)

    assert (told["end"], told["delay_ms"]) == ("later", 1_500)


def test_a_negative_delay_is_none() -> None:
    assert fields(Retry(timedelta(seconds=-1)))["delay_ms"] == 0


@pytest.mark.parametrize(
    "error", [{"message": "\udcff"}, {"n": 2**70}, {"o": object()}, {"s": {1}}], ids=["text", "number", "object", "set"]
)
def test_whatever_a_death_says_can_be_written(error: dict[str, object]) -> None:
    told = fields(Dead(DeadReason.PERMANENT, error))

    assert isinstance(orjson.loads(told["error"]), dict)


@pytest.mark.parametrize(
    "numbers",
    [{"lease": timedelta(milliseconds=299)}, {"crash_limit": 0}, {"outcome_kept": timedelta(0)}],
    ids=repr,
)
def test_session_numbers_that_cannot_work_are_refused(numbers: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        SessionOptions(**numbers)


def test_events_travel_with_the_success_alone_and_name_the_request() -> None:
    job = delivery()
    job.options["request_id"] = "r-1"
    job.emit_event("user.disabled", {"user": "alice"})

    assert not is_plain(job, Done())
    expected = [{"name": "user.disabled", "data": '{"user":"alice"}', "request_id": "r-1"}]
    assert settle_payload(job, Done(), kept=KEPT).fields["events"] == expected
    for outcome in (Retry(KEPT), Dead(DeadReason.EXHAUSTED)):
        assert "events" not in settle_payload(job, outcome, kept=KEPT).fields


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"at": object()}, "is not JSON"),
        ({"text": "x" * EVENT_LIMIT_BYTES}, "16384 are allowed"),
        ({"text": "Ω" * (EVENT_LIMIT_BYTES // 2)}, "has 16395 bytes; 16384 are allowed"),
    ],
)
def test_an_event_that_cannot_be_kept_fails_where_it_is_emitted(data: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        delivery().emit_event("user.disabled", data)


def test_a_job_emits_so_many_events_at_most() -> None:
    job = delivery()
    for number in range(250):
        job.emit_event("user.disabled", {"number": number})

    with pytest.raises(ValueError, match="250 events at most"):
        job.emit_event("user.disabled", {})
