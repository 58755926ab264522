"""Ring: publishes what this worker serves."""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING

import dramatiq
import redis
import structlog
from dramatiq.middleware import Middleware

from broker.broker import LeewardBroker
from broker.events import BrokerBack, Consuming, Listening
from broker.threads.vital_thread import VitalThread
from leeward.record import Catalogue, PublishedKind
from leeward.record.publication import BEAT_EVERY, Publication
from leeward.wire.valkey.refusal import sentence
from middleware.worker_reports import WorkerReports

if TYPE_CHECKING:
    from dramatiq.worker import Worker

_log = structlog.get_logger(__name__)

Serves = Callable[[LeewardBroker], tuple[Catalogue, Iterable[PublishedKind]]]


class Publisher(Middleware):
    """Publishes kinds, queues and providers before the first job is asked for, keeps that fresh, and withdraws it when the worker stops.

    Failure stance: open. Jobs do not depend on what is published. While Valkey cannot be reached nothing is admitted anyway; all is
    published again afterwards. A worker whose Valkey user may not write the record works, but other machines do not know what it serves.

    Args:
        serves: what the worker serves, once its actors are declared.
    """

    def __init__(self, serves: Serves) -> None:
        self._serves = serves
        self._heartbeat: Heartbeat | None = None

    def before_worker_boot(self, broker: dramatiq.Broker, worker: "Worker") -> None:
        if not isinstance(broker, LeewardBroker):
            return
        session = broker.sessions.open(worker.worker_threads)
        catalogue, kinds = self._serves(broker)
        publication = Publication(broker.client, session.process, catalogue, kinds)
        reports = WorkerReports(broker.client, session, catalogue.release)
        heartbeat = self._heartbeat = Heartbeat(publication, reports)
        broker.events.subscribe(BrokerBack, lambda _: heartbeat.say())
        broker.events.subscribe(Listening, lambda _: heartbeat.say())
        broker.events.subscribe(Consuming, lambda _: heartbeat.say_once())
        heartbeat.say_once()
        heartbeat.start()

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: "Worker") -> None:
        if self._heartbeat:
            self._heartbeat.drain()

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: "Worker") -> None:
        if self._heartbeat:
            self._heartbeat.stop()
            self._heartbeat = None


class Heartbeat(VitalThread):
    """Says every few seconds what the worker serves and does. Its methods may be called from any thread."""

    def __init__(self, publication: Publication, reports: WorkerReports) -> None:
        super().__init__("leeward-heartbeat")
        self._publication = publication
        self._reports = reports
        self._saying = Lock()
        self._is_said = False
        self._is_draining = False

    def serve(self) -> None:
        while not self.rest(BEAT_EVERY.total_seconds()):
            self.say()

    def say(self) -> None:
        """Says it, and everything again that Valkey has lost."""
        with self._saying:
            if self.is_stopping:
                return
            if not self._is_draining:
                self._is_said = _tried(self._publication.beat if self._is_said else self._publication.announce)
            _tried(self._reports.report)

    def say_once(self) -> None:
        """Says everything, unless that is done."""
        if not self._is_said:
            self.say()

    def drain(self) -> None:
        """The worker takes no more jobs, and ends with those that it has."""
        with self._saying:
            self._is_draining = True
            _tried(self._publication.withdraw)
            _tried(self._reports.report)

    def stop(self) -> None:
        """The worker has ended."""
        with self._saying:
            self.ask_to_stop()
            _tried(self._reports.withdraw)


def _tried(say: Callable[[], None]) -> bool:
    try:
        say()
    except redis.RedisError as error:
        _log.warning("not_published", error=sentence(error))
        return False
    return True
