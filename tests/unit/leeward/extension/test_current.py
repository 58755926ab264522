"""What an actor learns of the job that it runs."""

from datetime import UTC, datetime
from typing import Any

import pytest

from leeward.extension import begin_effect, child_key, current_job, emit_event, report_progress
from leeward.jobs.idempotency_key import LONGEST
from leeward.wire.running import running_job


class Running:
    message_id = "job-1"
    message_timestamp = 1_000
    number = 2
    progress: dict[str, Any] | None = None
    cancelled = False

    def __init__(self, key: str | None = None, **options: Any) -> None:
        self.idempotency_key = key
        self.options = options
        self.marks = 0
        self.emitted: list[tuple[str, Any]] = []

    def begin_effect(self) -> None:
        self.marks += 1

    def emit_event(self, name: str, data: Any) -> None:
        self.emitted.append((name, data))


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(key: str | None = None, **options: Any) -> Running:
        found = Running(key, **options)
        token = running_job.set(found)
        tokens.append(token)
        return found

    tokens: list[Any] = []
    yield run
    for token in reversed(tokens):
        running_job.reset(token)


def test_a_function_that_is_called_outside_a_worker_has_no_job() -> None:
    begin_effect()
    report_progress(1, 2)
    emit_event("user.disabled", user="alice")

    assert current_job() is None
    assert child_key("a") != child_key("a")


def test_a_job_knows_what_it_is_tied_to(running: Any) -> None:
    running("invoice-7", request_id="r", traceparent="t", deadline=5_000)

    job = current_job()

    assert job is not None
    assert (job.id, job.key, job.delivery, job.request_id, job.traceparent) == ("job-1", "invoice-7", 2, "r", "t")
    assert job.enqueued_at == datetime.fromtimestamp(1, UTC)
    assert job.deadline == datetime.fromtimestamp(5, UTC)


def test_the_same_child_of_a_job_has_the_same_key(running: Any) -> None:
    running()

    assert child_key("INV-1", 3) == "job-1:INV-1:3"
    assert child_key("x" * LONGEST) == child_key("x" * LONGEST)
    assert len(child_key("x" * LONGEST)) <= LONGEST


def test_progress_and_marks_reach_the_delivery(running: Any) -> None:
    delivery = running()

    begin_effect()
    report_progress(3, 4)

    assert delivery.marks == 1
    assert delivery.progress == {"done": 3, "total": 4}


def test_a_replay_without_a_key_has_the_children_of_the_job_that_died(running: Any) -> None:
    running(origin="job-0")
    assert child_key("INV-1") == "job-0:INV-1"
    running("invoice-7", origin="job-0")
    assert child_key("INV-1") == "invoice-7:INV-1"


def test_events_reach_the_delivery(running: Any) -> None:
    delivery = running()

    emit_event("user.disabled", user="alice")

    assert delivery.emitted == [("user.disabled", {"user": "alice"})]
