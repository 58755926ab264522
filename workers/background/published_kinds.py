"""Makes what workers publish of kinds known to a host, and keeps it in PostgreSQL beside the dead letters."""

import redis
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from broker.fleet.outbox import OutboxUnavailable
from leeward.jobs.kinds import KINDS
from leeward.record import PublishedKind, reader
from leeward.wire.keys import PUBLISHED_KINDS
from storage.job_kinds import write_kinds

_log = structlog.get_logger(__name__)


class PublishedKinds:
    """For one thread. One short command to Valkey where nothing has changed.

    Failure stance: where the kinds cannot be written to PostgreSQL while it is there, letters are still stored, and the next pass
    tries again.
    """

    def __init__(self, client: redis.Redis, engine: Engine) -> None:
        self._client = client
        self._engine = engine
        self._learned = self._stored = ""
        self._problem: str | None = None

    def look(self) -> None:
        """To be called between reading letters and storing them: a kind is published before any of its jobs can die.

        Raises:
            OutboxUnavailable: Valkey cannot be reached.
            sqlalchemy.exc.DBAPIError: PostgreSQL cannot be reached.
        """
        try:
            revision = reader.revision(self._client)
            if revision in {"", self._stored}:
                return
            kinds = list(reader.kinds(self._client).values())
        except redis.exceptions.NoPermissionError as error:
            self._tell(f"the Valkey user may not read {PUBLISHED_KINDS} ({error})")
            return
        except redis.RedisError as error:
            raise OutboxUnavailable(str(error)) from error
        if revision != self._learned:
            KINDS.learn(kinds)
            self._learned = revision
        self._store(kinds, revision)

    def _store(self, kinds: list[PublishedKind], revision: str) -> None:
        try:
            with self._engine.begin() as connection:
                write_kinds(connection, kinds)
        except DBAPIError as error:
            if error.connection_invalidated or error.orig is None or getattr(error.orig, "sqlstate", None) is None:
                raise
            self._tell(str(error.orig))
            return
        self._stored, self._problem = revision, None

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            _log.warning("kinds_not_stored", problem=problem, advice="run `leeward check`; letters are still stored")
