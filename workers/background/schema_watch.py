"""Whether the database has this release's schema, looked at until it has."""

import structlog
from sqlalchemy import Engine

from storage.database.revisions import UnknownRevision, missing

_log = structlog.get_logger(__name__)


class SchemaWatch:
    """For one thread.

    A database that is migrated further while we run stays fit: migrations are made before the processes of their release.

    Attributes:
        problem: why the database does not fit, with what to do; None while nothing is known against it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._has_fitted = False
        self.problem: str | None = None

    def look(self) -> None:
        """Uses a connection in any case, so that a server that does not answer is noticed.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached, or its database cannot be used.
        """
        with self._engine.connect() as connection:
            if self._has_fitted:
                return
            try:
                revisions = missing(connection)
            except UnknownRevision as error:
                problem: str | None = f"the database is newer than this release: {error}"
            else:
                problem = _lacks(len(revisions)) if revisions else None
        if problem is None:
            self._has_fitted = True
        if problem != self.problem:
            self.problem = problem
            self._tell()

    def _tell(self) -> None:
        if self.problem is None:
            _log.info("schema_fits")
        else:
            _log.error("schema_does_not_fit", problem=self.problem)


def _lacks(revisions: int) -> str:
    return f"the database lacks {revisions} of this release's migrations: run `leeward migrate`"
