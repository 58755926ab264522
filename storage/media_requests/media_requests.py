"""The queries of the table `media_requests`. The clock is PostgreSQL's."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from storage.media_requests.table import UNANNOUNCED, WATCHED, media_requests

BATCH = 40
"""How many are read in one run: each may be worth two events, and a job emits a hundred at most."""

_row = media_requests.c


class Seen(NamedTuple):
    """What the server says of one request.

    Attributes:
        is_open: it may still change by itself.
    """

    request_id: int
    media_type: str
    tmdb_id: int | None
    is_4k: bool
    status: str
    media_status: str
    is_open: bool


class Change(NamedTuple):
    """What is new about a request since events last reported it; None: they never did."""

    seen: Seen
    was_status: str | None
    was_media_status: str | None


def known(connection: Connection, provider: str, ids: Collection[int]) -> set[int]:
    """Those of the ids that are in the table."""
    query = select(_row.request_id).where(_row.provider == provider, _row.request_id.in_(ids))
    return set(connection.execute(query).scalars())


def add(connection: Connection, provider: str, found: Iterable[Seen]) -> None:
    """Notes requests that were not known: those that are open are to be announced, the others are history. Idempotent."""
    rows = [
        {
            "provider": provider,
            **seen._asdict(),
            "announced_status": None if seen.is_open else seen.status,
            "announced_media_status": None if seen.is_open else seen.media_status,
        }
        for seen in sorted(found)
    ]
    if rows:
        connection.execute(insert(media_requests).on_conflict_do_nothing(), rows)


def begin(connection: Connection, provider: str, job_id: str, done: Collection[str], lost: Collection[str]) -> None:
    """Begins a run of a job.

    Args:
        connection: in a transaction.
        provider: whose requests.
        job_id: the job; what it announced in an earlier attempt has reached no handler.
        done: what these jobs have announced counts as reported.
        lost: what these jobs have announced has reached no handler, and never will.
    """
    ours = update(media_requests).where(_row.provider == provider)
    connection.execute(ours.where(_row.announced_by.in_([job_id, *lost])).values(announced_by=None))
    announced = {"announced_status": _row.status, "announced_media_status": _row.media_status, "announced_by": None}
    connection.execute(ours.where(_row.announced_by.in_(done)).values(announced))


def announcers(connection: Connection, provider: str) -> list[str]:
    """The jobs that have announced something and were not known to have ended."""
    query = select(_row.announced_by).distinct().where(_row.provider == provider, _row.announced_by.is_not(None))
    return list(connection.execute(query.limit(BATCH)).scalars())


def watched(connection: Connection, provider: str, limit: int = BATCH) -> list[int]:
    """The requests to read next: first those that were not announced, then those that were not looked at for longest."""
    query = select(_row.request_id).where(_row.provider == provider, WATCHED)
    in_turn = query.order_by(text(f"{UNANNOUNCED} DESC"), _row.checked_at)
    return list(connection.execute(in_turn.limit(limit)).scalars())


def observe(connection: Connection, provider: str, seen: Seen, job_id: str) -> Change | None:
    """Notes what the server says now. A change is to be announced by this job; None: nothing is new, or another job is announcing it."""
    one = (_row.provider == provider, _row.request_id == seen.request_id)
    columns = (_row.status, _row.media_status, _row.announced_status, _row.announced_media_status, _row.announced_by)
    before = connection.execute(select(*columns).where(*one).with_for_update()).one_or_none()
    values = {"provider": provider, **seen._asdict(), "checked_at": func.now()}
    upsert = insert(media_requests).values(values)
    connection.execute(upsert.on_conflict_do_update(index_elements=[_row.provider, _row.request_id], set_=values))
    now = (seen.status, seen.media_status)
    status, media_status, *announced, announced_by = before or (None,) * 5
    if now == tuple(announced) or (now == (status, media_status) and announced_by not in {None, job_id}):
        return None
    connection.execute(update(media_requests).where(*one).values(announced_by=job_id))
    return Change(seen, *announced)


def postpone(connection: Connection, provider: str, request_id: int) -> None:
    """Notes that one could not be read: the others come first then."""
    mine = update(media_requests).where(_row.provider == provider, _row.request_id == request_id)
    connection.execute(mine.values(checked_at=func.now()))


def seen(connection: Connection, provider: str, request_id: int) -> Seen | None:
    """What is noted of one; None: it is not known."""
    columns = [_row[name] for name in Seen._fields]
    found = connection.execute(select(*columns).where(_row.provider == provider, _row.request_id == request_id))
    row = found.one_or_none()
    return None if row is None else Seen(*row)


def try_lock(connection: Connection, what: str) -> bool:
    """Whether this transaction is now the only one with this lock; it ends with the transaction, also behind a pooler."""
    query = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:what, 0))")
    return bool(connection.execute(query, {"what": what}).scalar())
