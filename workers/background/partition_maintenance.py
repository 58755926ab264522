"""Creates upcoming monthly partitions every hour."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from storage.database.clock import now as server_now
from storage.database.lock_timeout import SchemaBusy
from storage.dead_letters.retention.partitions import make_ahead

EVERY = timedelta(hours=1)

_log = structlog.get_logger(__name__)


class PartitionMaintenance:
    """For one thread.

    Failure stance: what cannot be made now is made the next time. There are months until it is needed, and then a default partition.

    Args:
        engine: may be shared.
        clock: monotonic seconds.
        now: the time; PostgreSQL's where it answers None.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._now = now
        self._next = clock()

    def look(self) -> None:
        """Creates what is missing, if the last check is long enough ago."""
        if self._clock() < self._next:
            return
        self._next = self._clock() + EVERY.total_seconds()
        try:
            with self._engine.connect() as connection:
                make_ahead(connection, self._now() or server_now(connection))
        except (SchemaBusy, SQLAlchemyError) as error:
            _log.warning("partitions_postponed", error=f"{type(error).__name__}: {error}")
