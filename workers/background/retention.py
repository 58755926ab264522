"""Retention as the settings want it."""

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from workers.settings.settings import Settings

if TYPE_CHECKING:
    from storage.dead_letters.retention.periods import Retention

_log = structlog.get_logger(__name__)


def retention_of(settings: Settings) -> "Retention":
    """The periods that are configured."""
    from storage.dead_letters.retention.periods import Retention

    return Retention.of(settings.keep_finished, discarded=settings.keep_discarded, recovered=settings.keep_recovered)


class RetentionRun:
    """Loads SQLAlchemy and connects for each run: it is one a night."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url is not None, "retention needs a database"
        self._url = settings.database_url
        self._settings = settings

    def run(self, now: datetime | None = None) -> None:
        """Deletes what is past its retention, and logs how much; does nothing while another process does this.

        Args:
            now: the time; PostgreSQL's when absent, so that no worker's clock ends anything's retention.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached.
        """
        from storage.database.clock import now_at
        from storage.database.engine import WITHOUT_END, create_engine
        from storage.dead_letters.retention.prune import PruneUnderWay, prune

        engine = create_engine(self._url.get_secret_value(), pool_size=1, patience=WITHOUT_END)
        try:
            pruned = prune(engine, retention_of(self._settings), now or now_at(engine))
        except PruneUnderWay:
            _log.info("prune_under_way")
            return
        finally:
            engine.dispose()
        letters: Counter[str] = Counter()
        for line in pruned.lines:
            letters[line.fate.value] += line.letters
        _log.info("dead_letters_pruned", **letters, made=pruned.made, replays=pruned.replays, groups=pruned.groups)
