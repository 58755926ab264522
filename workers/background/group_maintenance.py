"""The groups of dead letters, kept up in the background."""

import structlog
from sqlalchemy import Engine

from storage.dead_letters.groups.refingerprint import fingerprint_batch
from storage.dead_letters.groups.rollup import roll_up_if_free

_log = structlog.get_logger(__name__)


class GroupMaintenance:
    """Folds the groups' numbers, so that who reads them need not, and puts letters that an older release wrote into their groups.

    Any number of hosts may do it; none waits for another. Failure stance: errors are logged, and the rest is left for the next pass,
    because nothing of this may hold up the outboxes. For one thread.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_behind = False

    def look(self) -> None:
        """Folds, and finds out whether letters wait for a group."""
        self._is_behind = True
        self._guarded(fold=True)

    def go_on(self) -> None:
        """A further batch of letters, if the last one was not the end."""
        if self._is_behind:
            self._guarded(fold=False)

    def _guarded(self, *, fold: bool) -> None:
        try:
            with self._engine.begin() as connection:
                self._is_behind = fingerprint_batch(connection) > 0
            if fold:
                with self._engine.begin() as connection:
                    roll_up_if_free(connection)
        except Exception as error:  # the outboxes go first: see the class
            self._is_behind = False
            # No traceback: some renderers show local variables, and those are dead jobs with their secrets.
            _log.warning("dead_letters_not_grouped", error=f"{type(error).__name__}: {error}")
