"""Wake-ups instead of polling: one subscription per worker process."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import redis
import structlog

from broker.threads.vital_thread import VitalThread
from leeward.wire.keys import WAKE_ALL, wake_channel
from leeward.wire.valkey.refusal import sentence

LISTEN = timedelta(seconds=10)
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class Wakeups(VitalThread):
    """Listens on this process's own channel and on the channel of all processes.

    A wake-up that is lost costs time, never a job: workers look by themselves every few seconds, and at once after a reconnect.

    Args:
        on_wake: called with the queue that has work.
        on_wake_all: called when every queue should be looked at.
        on_listening: called whenever a subscription has begun: the server may be another one than before, or have lost its data.
        listen: how long silence is believed before the connection has to prove that it lives.
    """

    def __init__(
        self,
        client: redis.Redis,
        process: str,
        on_wake: Callable[[str], None],
        on_wake_all: Callable[[], None],
        *,
        on_listening: Callable[[], None] = lambda: None,
        listen: timedelta = LISTEN,
    ) -> None:
        super().__init__("leeward-wakeups")
        self._client = client
        self._channels = (wake_channel(process), WAKE_ALL)
        self._on_wake = on_wake
        self._on_wake_all = on_wake_all
        self._on_listening = on_listening
        self._listen_seconds = listen.total_seconds()
        self._is_refused = False
        self.listening = threading.Event()

    def serve(self) -> None:
        pause_seconds = FIRST_PAUSE_SECONDS
        while not self.is_stopping:
            try:
                self._listen()
                pause_seconds = FIRST_PAUSE_SECONDS
            except Exception as error:
                # Whatever it is, as an answer that cannot be read: a new subscription may do better, and wake-ups only save time.
                self.listening.clear()
                self._note(error)
                self.rest(pause_seconds)
                pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    def _note(self, error: Exception) -> None:
        if isinstance(error, redis.exceptions.NoPermissionError):
            # Once: it is refused again every few seconds.
            if not self._is_refused:
                _log.warning("wakeups_refused", error=sentence(error))
            self._is_refused = True
            return
        is_outage = isinstance(error, redis.RedisError)
        level = logging.DEBUG if is_outage else logging.WARNING
        _log.log(level, "wakeups_interrupted", error=str(error), exc_info=not is_outage)

    def _listen(self) -> None:
        with self._client.pubsub(ignore_subscribe_messages=False) as subscription:
            subscription.subscribe(*self._channels)
            heard_at = time.monotonic()
            asked = False
            while not self.is_stopping:
                self.move()
                message = subscription.get_message(timeout=min(1.0, self._listen_seconds))
                if message is not None:
                    heard_at, asked = time.monotonic(), False
                    self._hear(message)
                elif time.monotonic() - heard_at > self._listen_seconds:
                    # A connection that was cut without a word takes what is sent for many minutes: only an answer shows that it lives.
                    if asked:
                        raise redis.ConnectionError("the subscription does not answer any more")
                    self._follow_the_address()
                    subscription.ping()
                    heard_at, asked = time.monotonic(), True

    def _follow_the_address(self) -> None:
        """A subscription that was not closed stays with the old server after a failover, and gets nothing that the new one publishes."""
        try:
            ((_, listeners),) = self._client.pubsub_numsub(self._channels[0])
        except redis.exceptions.NoPermissionError:
            return
        if not listeners:
            raise redis.ConnectionError("the subscription is not at the server that the other connections lead to")

    def _hear(self, message: dict[str, object]) -> None:
        if message["type"] == "message" and message["channel"] == self._channels[0].encode():
            data = message["data"]
            assert isinstance(data, bytes)
            try:
                self._on_wake(data.decode())
            except ValueError as error:  # anybody may publish anything
                _log.warning("wakeup_unreadable", error=str(error))
        elif message["type"] in {"message", "subscribe"}:
            if message["type"] == "subscribe" and message["channel"] == self._channels[0].encode():
                self.listening.set()
                self._on_listening()
            self._on_wake_all()
