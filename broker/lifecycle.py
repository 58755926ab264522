"""What the broker itself does at Dramatiq's hooks: knows the worker's size, sets the current delivery, drains at shutdown."""

import time
from functools import partial
from queue import Empty, PriorityQueue
from typing import TYPE_CHECKING, Any, cast

import dramatiq
from dramatiq.broker import MessageProxy
from dramatiq.middleware import Middleware, SkipMessage

from broker.delivery.current import enter
from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Cancelled, Release
from broker.session.sessions import Sessions
from broker.session.work_queue import WorkQueue
from broker.threads.thread_death import end_process_on_thread_death
from leeward.jobs.queue_name import provider_of

if TYPE_CHECKING:
    from dramatiq.worker import ConsumerThread, Worker

FLUSH_SECONDS = 5.0


class Lifecycle(Middleware):
    """The outermost ring, always there. Failure stance: touches no backend before the actor runs, so there is nothing to fail."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def after_process_boot(self, broker: dramatiq.Broker) -> None:
        """The worker processes of ours, and those of Dramatiq's own command; not a process that only enqueues."""
        end_process_on_thread_death()

    def before_process_message(self, broker: dramatiq.Broker, message: MessageProxy) -> None:
        if not isinstance(message, Delivery):
            return
        session = self._sessions.current
        if not session.held.is_sure_of(message):
            message.outcome = Release()
            raise SkipMessage("another worker may have it by now")
        message.started = time.monotonic()
        if message.cancelled:
            message.outcome = Cancelled()
            raise SkipMessage("it was cancelled")
        session.started(message.message_id)
        enter(message)

    def after_process_message(
        self,
        broker: dramatiq.Broker,
        message: MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        enter(None)
        self._sessions.current.ended()

    def after_skip_message(self, broker: dramatiq.Broker, message: MessageProxy) -> None:
        self.after_process_message(broker, message)

    def before_worker_boot(self, broker: dramatiq.Broker, worker: "Worker") -> None:
        session = self._sessions.open(worker.worker_threads)
        queues = broker.get_declared_queues() & (worker.consumer_whitelist or broker.get_declared_queues())
        session.expect(provider_of(queue) for queue in queues)
        # Before the worker hands it to its threads.
        worker.work_queue = cast("PriorityQueue[Any]", WorkQueue())
        session.unstarted = partial(_give_back_unstarted, worker)

    def after_consumer_thread_boot(self, broker: dramatiq.Broker, thread: "ConsumerThread") -> None:
        # Looked into after every job, though delays are kept on the server.
        thread.delay_queue = cast("PriorityQueue[Any]", WorkQueue())

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: "Worker") -> None:
        """Jobs that no thread has started go back at once, for other workers to run."""
        session = self._sessions.current
        session.draining = True
        session.give_back()

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: "Worker") -> None:
        """Jobs that outlasted the drain go back, too, without spending an attempt; their late endings will change nothing."""
        session = self._sessions.current
        for delivery in session.held.leased():
            if not delivery.finished:
                session.end(delivery, Release())
        self._sessions.close(FLUSH_SECONDS)


def _give_back_unstarted(worker: "Worker") -> None:
    for queue, messages in _unstarted(worker).items():
        worker.consumers[queue].requeue_messages(messages)


def _unstarted(worker: "Worker") -> dict[str, list[MessageProxy]]:
    """Takes what waits for a thread, the next to run first."""
    waiting: dict[str, list[MessageProxy]] = {}
    while True:
        try:
            message = worker.work_queue.get_nowait().message
        except Empty:
            return waiting
        waiting.setdefault(message.queue_name, []).append(message)
        worker.work_queue.task_done()
