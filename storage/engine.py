"""How every process connects to PostgreSQL."""

from datetime import timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import Engine

from storage.url import parsed

CONNECT_TIMEOUT = timedelta(seconds=5)
SILENCE_TIMEOUT = timedelta(seconds=15)
"""After so long without a sign of life from the server's machine a connection counts as lost."""
POOL_SIZE = 5


def create_engine(
    url: str, *, pool_size: int = POOL_SIZE, connect_timeout: timedelta = CONNECT_TIMEOUT, application: str = "leeward"
) -> Engine:
    """A pool of connections that notices a restarted server. Connects on first use. Thread-safe; not to be shared
    across a fork. Times come back in UTC; errors do not show the values that were being written.

    Args:
        url: `postgresql://...`.
        pool_size: connections that are kept; twice as many may be open at once.
        connect_timeout: at least a second; psycopg counts whole ones.
        application: what `pg_stat_activity` calls us.

    Raises:
        InvalidDatabaseUrl: the URL is not one of PostgreSQL.
    """
    return sqlalchemy.create_engine(
        parsed(url),
        pool_pre_ping=True,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=connect_timeout.total_seconds(),
        connect_args=_connect_arguments(connect_timeout, application),
    )


def _connect_arguments(connect_timeout: timedelta, application: str) -> dict[str, Any]:
    silence_seconds = int(SILENCE_TIMEOUT.total_seconds())
    return {
        "connect_timeout": max(1, round(connect_timeout.total_seconds())),
        "application_name": application,
        "options": "-c timezone=UTC",
        # A host that vanished sends no reset: without these a query would wait for the kernel's two hours.
        "keepalives_idle": silence_seconds,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": silence_seconds * 1000,
    }
