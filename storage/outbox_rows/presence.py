"""Which relays move an outbox on: each holds a shared lock for as long as its session lasts, so that a dead one is never counted."""

from typing import NamedTuple

from sqlalchemy import Connection, text

from storage.outbox_rows.relay_lock import RELAY_LOCK


class RelayProcess(NamedTuple):
    """`host` is None for one on the database's own machine that came through a socket."""

    pid: int
    host: str | None


class Outbox(NamedTuple):
    """Whose rows they are: the same for every relay, and for no other table of any database.

    Attributes:
        name: without spaces and slashes.
    """

    name: str


_ANNOUNCE = text("SELECT pg_advisory_lock_shared(:first, :second)")
_RELAYS = text(
    "SELECT pid, host(client_addr) AS host FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)"
    " WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid = CAST(:first AS bigint) AND objid = CAST(:second AS bigint) AND objsubid = 2 AND granted ORDER BY pid"
)
_NAME = text(
    "SELECT concat_ws('-', (SELECT system_identifier FROM pg_control_system()),"
    " (SELECT oid FROM pg_database WHERE datname = current_database()), CAST(to_regclass('leeward_outbox') AS oid))"
)


def announce(connection: Connection) -> None:
    """Counts this session as a relay's from now on."""
    connection.execute(_ANNOUNCE, _parameters())


def relays(connection: Connection) -> list[RelayProcess]:
    """Those that are connected now; `pid` is the server's."""
    return [RelayProcess(*row) for row in connection.execute(_RELAYS, _parameters())]


def outbox_of(connection: Connection) -> Outbox:
    return Outbox(str(connection.execute(_NAME).scalar_one()))


def _parameters() -> dict[str, int]:
    return dict(zip(("first", "second"), RELAY_LOCK, strict=True))
