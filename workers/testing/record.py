"""The jobs that have ended in a fleet under test."""

import threading

import orjson

from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Dead, Done
from broker.delivery.payload_secrets import result_without_secrets
from broker.events import DeliveryEnded
from leeward.jobs.job import Job
from leeward.status import JobState
from leeward.testing import Ended


class EndedJobs:
    """Thread-safe."""

    def __init__(self) -> None:
        self._ended: list[Ended] = []
        self._lock = threading.Lock()

    def note(self, event: DeliveryEnded) -> None:
        """Keeps a delivery after which its job runs no more."""
        match event.outcome:
            case Done(result):
                ended = _ended(event.delivery, JobState.DONE, result=_json(event.delivery, result))
            case Dead(reason, error):
                ended = _ended(event.delivery, JobState.DEAD, reason=reason.value, error=_json(event.delivery, error))
            case _:
                return
        with self._lock:
            self._ended.append(ended)

    def all(self) -> list[Ended]:
        """In their order."""
        with self._lock:
            return list(self._ended)

    def of(self, job_id: str) -> Ended | None:
        return next((one for one in self.all() if one.job_id == job_id), None)


def _ended(delivery: Delivery, state: JobState, **fields: object) -> Ended:
    job = delivery.args[0] if delivery.args and isinstance(delivery.args[0], Job) else None
    return Ended(delivery.message_id, delivery.actor_name, delivery.provider, job, state, **fields)  # type: ignore[arg-type]


def _json(delivery: Delivery, value: object) -> object:
    """As it is kept: without the job's secrets."""
    return None if value is None else orjson.loads(result_without_secrets(delivery, orjson.dumps(value, default=repr)))
