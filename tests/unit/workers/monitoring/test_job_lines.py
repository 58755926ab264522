"""The line that says how a delivery ended: what it holds, and what becomes of lines that no one takes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dramatiq import Message

from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Dead, Done, Outcome, Retry
from broker.events import DeliveryEnded, Events
from leeward.jobs.dead_reason import DeadReason
from workers.monitoring.job_lines import JobLines, Line, line_of

SENT_MS = 1_800_000_000_000


def ended(outcome: Outcome, *, number: int = 1, began: float = 2.0, **options: Any) -> DeliveryEnded:
    """Admitted five seconds after it was sent, at 1.0 on the monotonic clock."""
    message: Message[Any] = Message("sync.lab", "sync.user", ("secret",), {}, options, "j-1", SENT_MS)
    delivery = Delivery(
        message,
        job_id="j-1",
        queue_name="sync.lab",
        provider="lab",
        token=f"{number}@host:1",
        effect_begun=False,
        server_ms=SENT_MS + 5_000,
        mark=lambda _: True,
    )
    delivery.received, delivery.started = 1.0, began
    return DeliveryEnded(delivery, outcome)


def said(event: DeliveryEnded) -> Line:
    return line_of(event, 1_800_000_006.5, 2.25)


def test_a_line_says_what_ended_how_after_what_wait_and_in_what_time() -> None:
    assert said(ended(Done())) == {
        "event": "job_ended",
        "level": "info",
        "logger": "workers.monitoring.job_lines",
        "timestamp": "2027-01-15T08:00:06.500000Z",
        "outcome": "done",
        "queue": "sync.lab",
        "kind": "sync.user",
        "job": "j-1",
        "attempt": 1,
        "delivery": 1,
        "waited": 6.0,
        "took": 0.25,
    }


def test_a_job_with_a_due_time_waits_from_then_on() -> None:
    assert said(ended(Done(), due=SENT_MS + 5_500))["waited"] == 0.5
    assert said(ended(Done(), due=SENT_MS + 60_000))["waited"] == 0


def test_a_later_attempt_says_no_wait_and_counts_the_failures_before_it() -> None:
    line = said(ended(Done(), number=4, retries=2))

    assert "waited" not in line
    assert (line["attempt"], line["delivery"]) == (3, 4)


def test_a_failure_has_the_code_of_its_error_and_no_later_delivery_has_it() -> None:
    errors = [{"delivery": 1, "code": "LAB_TIMEOUT"}]
    pause = Retry(timedelta(seconds=4))

    assert said(ended(pause, retries=1, errors=errors))["code"] == "LAB_TIMEOUT"
    assert "code" not in said(ended(pause, number=2, retries=1, errors=errors))
    assert "code" not in said(ended(Done(), errors=errors))
    assert said(ended(Dead(DeadReason.PERMANENT, {"code": "LAB_REFUSED"})))["code"] == "LAB_REFUSED"


def test_a_failure_says_when_it_goes_on_or_why_it_does_not() -> None:
    again = said(ended(Retry(timedelta(seconds=4)), retries=1))
    dead = said(ended(Dead(DeadReason.EXHAUSTED, {"message": "secret"}), number=5, retries=5))

    assert (again["outcome"], again["attempt"], again["again_in"]) == ("retry", 1, 4.0)
    assert (dead["outcome"], dead["attempt"], dead["reason"]) == ("dead", 5, "exhausted")
    assert "secret" not in f"{again}{dead}"


def test_lines_that_are_not_taken_are_counted_and_the_others_written_at_the_end() -> None:
    found: list[Line] = []

    def write(lines: Sequence[Line]) -> None:
        found.extend(lines)

    events, lines = Events(), JobLines(write, most=2)
    lines.follow(events)
    for _ in range(5):
        events.emit(ended(Done()))

    lines.start()
    lines.stop(5)

    assert [line["event"] for line in found] == ["job_ended", "job_ended", "job_lines_dropped"]
    assert found[-1]["count"] == 3


def test_an_output_that_takes_nothing_ends_no_worker_and_the_lost_lines_are_counted() -> None:
    found: list[Line] = []
    closed = [True]

    def write(lines: Sequence[Line]) -> None:
        if closed:
            raise BrokenPipeError
        found.extend(lines)

    events, lines = Events(), JobLines(write)
    lines.follow(events)
    events.emit(ended(Done()))
    lines.write()
    closed.clear()
    lines.write()

    assert [(line["event"], line.get("count")) for line in found] == [("job_lines_dropped", 1)]
