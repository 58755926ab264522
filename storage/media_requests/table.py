"""The table `media_requests`, as the newest migration leaves it. It has no names of people. Rows are kept: that a request is known is what
keeps it from being announced again.
"""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Table, Text, func, text

from storage.naming import metadata

media_requests = Table(
    "media_requests",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("request_id", BigInteger, primary_key=True, autoincrement=False),
    Column("media_type", Text, nullable=False),
    Column("tmdb_id", BigInteger),
    Column("is_4k", Boolean, nullable=False),
    # As the server said last.
    Column("status", Text, nullable=False),
    Column("media_status", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("checked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # What events have said of it, and the job that says what is new: it counts as said once that job is done.
    Column("announced_status", Text),
    Column("announced_media_status", Text),
    Column("announced_by", Text),
)

UNANNOUNCED = text("(announced_status IS DISTINCT FROM status OR announced_media_status IS DISTINCT FROM media_status)")
WATCHED = text(f"is_open OR {UNANNOUNCED}")

Index(
    "ix_media_requests_watched",
    media_requests.c.provider,
    media_requests.c.checked_at,
    postgresql_where=WATCHED,
)
