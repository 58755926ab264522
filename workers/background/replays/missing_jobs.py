"""Jobs of a replay that end without a word: cancelled ones, and those that Valkey lost."""

from collections.abc import Callable

import redis
from sqlalchemy import Connection

from storage.replays import counters
from storage.replays.claim_results import Unreplayed, hand_back
from storage.replays.claims import BATCH
from storage.replays.views import Replay
from workers.background.replays.watch import without_a_job

EVERY_SECONDS = 2.0
WHY = "its new job is gone without an outcome: it was cancelled, or Valkey lost it"


class MissingJobs:
    """Looks for them while a replay waits, so that no replay waits for ever. For the replay's runner.

    A job is gone when the fleet has forgotten it before the outboxes were drained and its item knows nothing of its end afterwards: a job
    leaves the fleet in the very step that puts its end into the outbox.
    """

    def __init__(
        self, connection: Connection, client: redis.Redis, drain: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self._connection = connection
        self._client = client
        self._drain = drain
        self._clock = clock
        self._looked_at = clock()
        self._after = 0

    def look(self, replay: Replay) -> None:
        """Drains the outboxes at intervals and checks the next items. Their dead letters are open again."""
        if self._clock() - self._looked_at < EVERY_SECONDS:
            return
        self._looked_at = self._clock()
        with self._connection.begin():
            items = counters.queued(self._connection, replay.id, after=self._after, size=BATCH)
        self._after = items[-1].position if len(items) == BATCH else 0
        missing = without_a_job(self._client, items)
        self._drain()
        if missing:
            gone = [Unreplayed(item.position, item.dead_letter_id, WHY) for item in missing]
            with self._connection.begin():
                hand_back(self._connection, replay, gone)
