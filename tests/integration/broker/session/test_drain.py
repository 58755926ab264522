"""A worker that stops gives back what it has not started, as it was."""

import threading

import dramatiq
import redis
from dramatiq.middleware import Middleware

from broker.broker import LeewardBroker
from leeward.wire.keys import ProviderKeys
from tests.support.answers import text
from tests.support.fleets.workers_under_test import actor_of, final_state, outcome, working
from tests.support.waiting import wait_until

KEYS = ProviderKeys("lab")


class FetchesSix(Middleware):
    """One thread, and a session that fetches for six from its first question on."""

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        assert isinstance(broker, LeewardBroker)
        broker.session.held.threads = 6


def test_jobs_that_were_not_started_go_back_in_their_order(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    """The one thread is busy until they are back; what the consumer fetched before that waits in the process."""
    ready, started = KEYS.ready("lab", "normal"), threading.Event()
    broker.add_middleware(FetchesSix())

    def act() -> None:
        started.set()
        wait_until(lambda: valkey.llen(ready) == 5, description="the other jobs to go back", timeout=30)

    actor = actor_of(broker)(act)
    ids = [actor.send().message_id for _ in range(6)]
    with working(broker, threads=1, stop_timeout_ms=60_000) as worker:
        wait_until(started.is_set, description="the first job")
        # One that is on its way from the consumer to this queue comes back last, and so before the others.
        wait_until(lambda: worker.work_queue.unfinished_tasks == 6, description="five jobs that wait for the thread")

    assert [text(job) for job in valkey.lrange(ready, 0, -1)] == ids[1:]
    assert final_state(valkey, "lab", ids[0]) == "done"


def test_what_was_on_its_way_while_the_worker_stopped_goes_back_too(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    actor = actor_of(broker)(lambda: None, actor_name="act")
    consumer = broker.consume("lab")
    ids = [actor.send().message_id for _ in range(3)]

    broker.session.draining = True
    asks = broker.session.isolation.ask("lab")
    assert asks is not None
    consumer._admit(3, asks)

    assert next(consumer) is None
    wait_until(lambda: valkey.zcard(KEYS.leases) == 0, description="everything given back")
    left = [text(job) for job in valkey.lrange(KEYS.ready("lab", "normal"), 0, -1)]
    assert left == ids
    consumer.close()


def test_a_stopped_session_records_what_had_ended(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    actor = actor_of(broker)(lambda: None, actor_name="act")
    messages = [actor.send() for _ in range(50)]

    with working(broker):
        wait_until(lambda: valkey.llen(KEYS.ready("lab", "normal")) == 0, description="an empty queue")

    states = [outcome(valkey, "lab", message.message_id) for message in messages]
    left = valkey.llen(KEYS.ready("lab", "normal"))
    assert valkey.zcard(KEYS.leases) == 0
    assert sum(state is not None and state["state"] == "done" for state in states) + left == 50
