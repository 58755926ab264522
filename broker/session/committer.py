"""Group commit: the outcomes of all threads, settled in one call."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

import orjson
import redis
import structlog

from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Outcome
from broker.options import SessionOptions
from broker.session.settle_payload import SettlePayload, facts_of, is_plain, settle_payload
from broker.threads.vital_thread import VitalThread
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script
from leeward.wire.valkey.refusal import sentence

BATCH = 500
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0
LOOK_SECONDS = 1.0
"""How often an idle committer shows that it lives."""
LOOK_AT_HEALTH = 1
"""What `settle.lua` adds to its reply where a health probe of the provider should be sent."""
HANDED_OVER = 2
"""The same where something is to be carried on, as a follow-up."""

_log = structlog.get_logger(__name__)
_settle = Script("broker.scripts", "settle.lua")


class Settlement(NamedTuple):
    """One delivery that has ended. `settle_payload` is None for a plain success."""

    delivery: Delivery
    settle_payload: SettlePayload | None
    settled: Callable[[], None] | None


class Committer(VitalThread):
    """Settles what the threads of this process hand over, about a millisecond's worth at a time.

    While Valkey cannot be reached it keeps all outcomes and tries again: it drops one only when it is durable, or when the lease was lost.
    """

    def __init__(
        self,
        client: redis.Redis,
        options: SessionOptions,
        on_settled: Callable[[Sequence[Settlement], frozenset[str]], None],
        on_accusation: Callable[[str], None] = lambda _: None,
        on_handover: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__("leeward-committer")
        self._client = client
        self._options = options
        self._on_settled = on_settled
        self._on_accusation = on_accusation
        self._on_handover = on_handover
        self._waiting: deque[Settlement] = deque()
        self._something = threading.Event()

    def put(self, delivery: Delivery, outcome: Outcome, settled: Callable[[], None] | None = None) -> None:
        """Hands one ended delivery over. Returns at once; `settled` is called when it is durable or its lease is known to be lost."""
        plain = is_plain(delivery, outcome)
        self._waiting.append(
            Settlement(
                delivery, None if plain else settle_payload(delivery, outcome, kept=self._options.outcome_kept), settled
            )
        )
        if not self._something.is_set():
            self._something.set()

    def stop(self, timeout_seconds: float) -> bool:
        """Settles what is left and ends. False when that could not be done in time; the leases then run out."""
        self.ask_to_stop()
        self._something.set()
        self.join(timeout_seconds)
        return not self.is_alive()

    def serve(self) -> None:
        gather_seconds = self._options.gather.total_seconds()
        while not (self.is_stopping and not self._waiting):
            self.move()
            if not self._something.wait(LOOK_SECONDS):
                continue
            if not self.is_stopping:
                time.sleep(gather_seconds)
            self._something.clear()
            while self._waiting:
                self._settle_some()

    def _settle_some(self) -> None:
        by_provider: defaultdict[str, list[Settlement]] = defaultdict(list)
        for _ in range(min(BATCH, len(self._waiting))):
            settlement = self._waiting.popleft()
            by_provider[settlement.delivery.provider].append(settlement)
        for provider, settlements in by_provider.items():
            late = self._until_durable(provider, settlements)
            self._on_settled(settlements, late)

    def _until_durable(self, provider: str, settlements: Sequence[Settlement]) -> frozenset[str]:
        """Repeating is safe: tokens make a second run change nothing. A repetition reports what the first one settled as late."""
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            self.move()
            try:
                arguments = self._arguments(settlements)
                reply = _settle(self._client, ProviderKeys(provider).root, arguments)
                if LOOK_AT_HEALTH in reply:
                    self._on_accusation(provider)
                if HANDED_OVER in reply:
                    self._on_handover(provider)
                return frozenset(job_id.decode() for job_id in reply if not isinstance(job_id, int))
            except MemoryError:
                raise  # these outcomes did not cause it: the process is restarted, and their jobs are delivered again
            except Exception as error:
                # Whatever it is: without this thread no job of this process would ever end.
                if not isinstance(error, redis.RedisError) or _is_refusal(error):
                    return self._one_by_one(provider, settlements, error)
                if pause_seconds == FIRST_PAUSE_SECONDS:
                    _log.warning(
                        "settle_waits_for_valkey", provider=provider, waiting=len(settlements), error=sentence(error)
                    )
            time.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    def _one_by_one(self, provider: str, settlements: Sequence[Settlement], error: Exception) -> frozenset[str]:
        """One outcome that the script cannot take must not hold the others up. Its lease runs out, and the job is delivered again."""
        if len(settlements) > 1:
            return frozenset().union(*(self._until_durable(provider, [settlement]) for settlement in settlements))
        job_id = settlements[0].delivery.message_id
        _log.error("settle_refused", provider=provider, job=job_id, error=sentence(error))
        return frozenset({job_id})

    def _arguments(self, settlements: Sequence[Settlement]) -> list[str | bytes | int]:
        plain: list[str | bytes | int] = []
        objects: list[dict[str, object]] = []
        messages: list[bytes] = []
        for delivery, ended, _ in settlements:
            if ended is None:
                plain += (delivery.message_id, delivery.token, facts_of(delivery.actor_name, delivery.queue_name))
                continue
            if ended.message is not None:
                messages.append(ended.message)
            objects.append({**ended.fields, "message": len(messages)} if ended.message is not None else ended.fields)
        kept_ms = round(self._options.outcome_kept.total_seconds() * 1000)
        return ["", kept_ms, orjson.dumps(objects) if objects else "", len(plain) // 3, *plain, *messages]


def _is_refusal(error: redis.RedisError) -> bool:
    """Whether the script itself failed, as opposed to a server that is unreachable, loading, read-only or full."""
    # redis-py moves the code ERR, and only codes it knows, out of the text.
    return type(error) is redis.ResponseError and (error.status_code == "ERR" or str(error).startswith("WRONGTYPE"))
