"""Ends jobs whose deadline passes in queues that no worker serves, for as long as it runs."""

from datetime import timedelta

import redis
import structlog

from broker.fleet.unserved import SWEEP_EVERY, UnservedDeadlines
from broker.threads.vital_thread import VitalThread
from leeward.wire.valkey.refusal import sentence

_log = structlog.get_logger(__name__)


class DeadlineSweeper(VitalThread):
    """A thread of each worker host and each scheduler; they take turns.

    Failure stance: while Valkey cannot be reached it waits, and continues afterwards. Jobs stay where they are.
    """

    def __init__(self, client: redis.Redis) -> None:
        super().__init__("leeward-deadlines")
        self._deadlines = UnservedDeadlines(client)

    def serve(self) -> None:
        while not self.rest(SWEEP_EVERY.total_seconds()):
            self._sweep()

    def stop(self, timeout: timedelta) -> None:
        """Lets the step at hand finish."""
        self.ask_to_stop()
        if self.is_alive():
            self.join(timeout.total_seconds())

    def _sweep(self) -> None:
        try:
            ended = self._deadlines.sweep_if_due()
        except redis.RedisError as error:
            _log.debug("deadlines_wait_for_valkey", error=sentence(error))
            return
        for provider, number in ended.items():
            _log.warning(
                "unserved_jobs_expired",
                provider=provider,
                jobs=number,
                advice="start a worker that serves their queues, then replay them: `leeward dlq list --reason expired`",
            )
