"""A scheduler says that it lives, so that an operator sees when none does."""

import os
import time
from collections.abc import Callable

import redis
import structlog

from broker.fleet.processes import REPORT_EVERY, Report, Role, report, withdraw
from leeward.wire.valkey.refusal import sentence
from workers.release import release

_log = structlog.get_logger(__name__)


class Presence:
    """The reports of one scheduler process.

    Failure stance: open. Ticks do not depend on it; while Valkey cannot be reached nothing is said, and afterwards again.
    """

    def __init__(self, client: redis.Redis, host: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._process = f"{host}:{os.getpid()}"
        self._release = release()
        self._monotonic = monotonic
        self._began = monotonic()
        self._next = self._began

    def report(self) -> None:
        """To be called at least every few seconds; says it every `REPORT_EVERY`."""
        if self._monotonic() < self._next:
            return
        try:
            report(self._client, self._now())
        except redis.RedisError as error:
            _log.debug("presence_not_reported", error=sentence(error))
        else:
            self._next = self._monotonic() + REPORT_EVERY.total_seconds()

    def withdraw(self) -> None:
        """The process ends."""
        try:
            withdraw(self._client, self._now())
        except redis.RedisError as error:
            _log.debug("presence_not_withdrawn", error=sentence(error))

    def _now(self) -> Report:
        up_ms = round(1000 * (self._monotonic() - self._began))
        return Report(role=Role.SCHEDULER, process=self._process, release=self._release, up_ms=up_ms)
