"""The time by PostgreSQL's clock: what decides about its rows, wherever the machine that asks believes to be in time."""

from datetime import datetime

from sqlalchemy import Connection, Engine, text


def now(connection: Connection) -> datetime:
    """Inside the caller's transaction, or in one of its own."""
    if connection.in_transaction():
        return _now(connection)
    with connection.begin():
        return _now(connection)


def now_at(engine: Engine) -> datetime:
    """Raises: sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached."""
    with engine.connect() as connection:
        return now(connection)


def _now(connection: Connection) -> datetime:
    found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found
