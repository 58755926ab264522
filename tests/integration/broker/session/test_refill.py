"""When a consumer asks for more."""

import threading
from typing import Any

from dramatiq.broker import MessageProxy

from broker.broker import LeewardBroker
from broker.events import Listening
from tests.support.fleets.workers_under_test import actor_of
from tests.support.waiting import wait_until

LOOKS_BY_ITSELF_MS = 60_000
THREADS = 4


def waiters_of(event: Any) -> Any:
    return event._cond._waiters


def test_a_thread_that_becomes_free_gets_a_job_while_the_others_are_busy(broker: LeewardBroker) -> None:
    actor = actor_of(broker)(lambda: None, actor_name="act")
    for _ in range(2 * THREADS):
        actor.send()
    listening = threading.Event()
    broker.events.subscribe(Listening, lambda _: listening.set())
    consumer = broker.consume("lab", timeout=LOOKS_BY_ITSELF_MS)
    # That makes it look once.
    assert listening.wait(LOOKS_BY_ITSELF_MS / 1000)
    broker.session.held.threads = THREADS
    busy = [next(consumer) for _ in range(THREADS)]
    more: list[MessageProxy] = []

    def ask() -> None:
        while not more:
            if (delivery := next(consumer)) is not None:
                more.append(delivery)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    wait_until(lambda: bool(waiters_of(consumer._woken)), description="the consumer to rest")
    assert busy[0] is not None
    consumer.ack(busy[0])
    asking.join(LOOKS_BY_ITSELF_MS / 4 / 1000)

    assert len(more) == 1
    consumer.close()
