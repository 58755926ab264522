"""Whether a pooler stands between us and PostgreSQL that gives a session to others between two transactions.

Whatever is one transaction works there. What a session is to keep does not: locks that outlive a transaction, as a replay, retention and
migrations have them, would not belong to a certain process.
"""

from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select

from storage.database.fitness import UnfitDatabase

_known: WeakKeyDictionary[Engine, bool] = WeakKeyDictionary()


class SharedSessions(UnfitDatabase):
    """Raised when something needs a session of its own and a pooler shares them.

    Attributes:
        what: what needs it.
    """

    def __init__(self, what: str) -> None:
        super().__init__(
            f"a pooler shares the sessions of this database between transactions (pool_mode=transaction), and {what}"
            " need a session of their own: let LEEWARD_DATABASE_URL lead to PostgreSQL itself, or to a pool of sessions"
        )
        self.what = what


def require_own_session(engine: Engine, what: str) -> None:
    """Asks the server the first time.

    Raises:
        SharedSessions: sessions are shared.
        sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached.
    """
    if engine not in _known:
        _known[engine] = shares_sessions(engine)
    if _known[engine]:
        raise SharedSessions(what)


def shares_sessions(engine: Engine) -> bool:
    """Looks at which server process serves whom: two clients at once, and one of them twice.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached.
    """
    with engine.connect() as first:
        before = _process(first)
        if before == _announced(first):
            return False
        first.rollback()
        with engine.connect() as second:
            # Stays in its transaction while the first begins another one.
            other = _process(second)
            return other == before or _process(first) != before


def _process(connection: Connection) -> int:
    return int(connection.execute(select(func.pg_backend_pid())).scalar_one())


def _announced(connection: Connection) -> int:
    """The number that came with the connection; a pooler makes up its own."""
    return int(connection.connection.driver_connection.pgconn.backend_pid)  # type: ignore[union-attr]
