"""What becomes of a cancelled job, by how far this process has come with it."""

import threading
from typing import Any, cast

import pytest
import redis
from dramatiq import Message
from dramatiq.broker import MessageProxy
from dramatiq.middleware import SkipMessage

from broker.cancellation.cancellations import Cancellations
from broker.cancellation.interrupt import interrupt
from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Cancelled
from broker.lifecycle import Lifecycle
from broker.session.sessions import Sessions
from leeward.extension import CancelRequested, report_progress, stop_if_cancelled
from leeward.wire.running import running_job


def delivery(job_id: str = "a") -> Delivery:
    message: Message[Any] = Message(
        queue_name="lab", actor_name="act", args=(), kwargs={}, options={}, message_id=job_id
    )
    return Delivery(
        message,
        job_id=job_id,
        queue_name="lab",
        provider="lab",
        token="1@host:1",
        effect_begun=False,
        server_ms=0,
        mark=lambda _: True,
    )


def cancellations(ended: list[Delivery]) -> Cancellations:
    return Cancellations(cast("redis.Redis", None), lambda _: None, ended.append)


def test_a_job_that_no_thread_has_begun_with_ends_at_once() -> None:
    ended: list[Delivery] = []
    waiting = delivery()

    cancellations(ended).begin([waiting])

    assert ended == [waiting]


def test_a_running_job_ends_by_itself() -> None:
    ended: list[Delivery] = []
    running = delivery()
    running.started = 1.0

    cancellations(ended).begin([running])

    assert ended == []
    assert running.cancelled


def test_a_thread_that_begins_with_a_cancelled_job_skips_it() -> None:
    class Session:
        held = type("Held", (), {"is_sure_of": lambda *_: True})()

    sessions = cast("Sessions", type("Sessions", (), {"current": Session()})())
    cancelled = delivery()
    cancelled.cancelled = True

    with pytest.raises(SkipMessage):
        Lifecycle(sessions).before_process_message(cast("Any", None), cast("MessageProxy", cancelled))

    assert cancelled.outcome == Cancelled()


def test_an_actor_that_cleans_up_is_not_interrupted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """While its thread is elsewhere it is looked for again, and once it was interrupted no more."""
    interrupted = list[Delivery]()

    def interrupt_at_the_second_try(running: Delivery) -> bool:
        interrupted.append(running)
        return len(interrupted) == 2

    monkeypatch.setattr("broker.cancellation.cancellations.AT_SAFE_POINTS_SECONDS", 0.0)
    monkeypatch.setattr("broker.cancellation.cancellations.interrupt", interrupt_at_the_second_try)
    running = delivery()
    running.started = 1.0
    cancelling = cancellations([])
    cancelling.begin([running])

    for _ in range(4):
        cancelling.interrupt_overdue()

    assert interrupted == [running, running]


@pytest.mark.parametrize("safe_point", [lambda: report_progress(1), stop_if_cancelled])
def test_a_safe_point_raises_only_in_a_cancelled_job(safe_point: Any) -> None:
    running = delivery()
    token = running_job.set(running)
    try:
        safe_point()
        running.cancelled = True
        with pytest.raises(CancelRequested):
            safe_point()
    finally:
        running_job.reset(token)


def test_a_thread_outside_its_actor_is_not_interrupted() -> None:
    """It may be recording how the job ends."""
    release, entered = threading.Event(), threading.Event()

    def record_the_end() -> None:
        entered.set()
        release.wait(10)

    thread = threading.Thread(target=record_the_end)
    thread.start()
    entered.wait(10)

    assert not interrupt(delivery())
    release.set()
    thread.join()
