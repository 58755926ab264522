"""What is to be closed at the end of a worker thread and cannot be."""

import threading

import pytest

from middleware.order import rings
from tests.support.workers_under_test import actor_of, broker_at, working
from workers.thread_end import ThreadEnd


@pytest.mark.expects_critical_logs
def test_a_connection_that_cannot_be_closed_keeps_no_thread_from_ending(valkey_url: str) -> None:
    tried = []

    def close() -> None:
        tried.append(threading.current_thread().name)
        raise ConnectionResetError("the mail server is away")

    with broker_at(valkey_url, middleware=[*rings(), ThreadEnd([close])]) as broker:
        actor_of(broker)(lambda: None, actor_name="act").send()
        with working(broker, threads=2):
            broker.join("lab", timeout=15_000)

    assert len(tried) == 2
    assert not set(tried) & {thread.name for thread in threading.enumerate()}
