"""The tables, as the newest migration leaves them; those of accounts are in `storage.accounts.tables`. The queries are in one module per
table.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

import storage.accounts.tables  # noqa: F401 # they are a part of the same schema
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.search.index_expressions import LEADS, error_text, facet, facets, words
from storage.dead_letters.state import State
from storage.media_requests.table import media_requests  # noqa: F401 # one of the tables
from storage.naming import metadata, one_of
from storage.replays.state import ItemOutcome, ReplayState

dead_letters = Table(
    "dead_letters",
    metadata,
    # From died_at and outbox_id (storage/dead_letters/letter/identity.py): ordered by time, the same for the same entry. A partition is a
    # span of time, a page continues after an id, and an entry that comes twice is one row.
    Column("id", UUID, primary_key=True),
    Column("outbox_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=State.FAILED.value),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("owner", Text),
    Column("note", Text),
    Column("message", LargeBinary, nullable=False),
    Column("payload", JSONB(none_as_null=True)),
    Column("options", JSONB(none_as_null=True)),
    Column("error", JSONB, nullable=False),
    Column("error_type", Text),
    Column("error_message", Text),
    Column("progress", JSONB(none_as_null=True)),
    Column("attempts", Integer, nullable=False),
    Column("deliveries", Integer, nullable=False),
    Column("worker", Text),
    Column("request_id", Text),
    Column("trace_id", Text),
    Column("idempotency_key", Text),
    Column("tenant", Text),
    Column("enqueued_at", DateTime(timezone=True)),
    Column("died_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("replay_refusal", Text),
    # No foreign keys to dead letters anywhere: what a row is a replay of may be past its retention.
    Column("replay_of", UUID),
    Column("replayed_as", Text),
    Column("replayed_at", DateTime(timezone=True)),
    Column("generation", Integer, nullable=False, server_default="0"),
    # What the job was doing, as its error says; its actor's name otherwise.
    Column("operation", Text),
    # Which group of failures it belongs to (storage/dead_letters/groups/fingerprint.py).
    Column("fingerprint", Text),
    # Legal hold: retention passes it over whatever its state.
    Column("hold", Boolean, nullable=False, server_default=text("false")),
    # Since when there is nothing left to decide: discarded, recovered, or dead again as `superseded_by`.
    Column("finished_at", DateTime(timezone=True)),
    Column("superseded_by", UUID),
    # A corrected message and its payload; the original stays.
    Column("edited_message", LargeBinary),
    Column("edited_payload", JSONB(none_as_null=True)),
    # The replay operation that took it last.
    Column("replay_id", UUID),
    one_of("reason", DeadReason),
    one_of("state", State),
    Index(None, "state", "id"),
    Index(None, "reason", "id"),
    Index(None, "provider", "id"),
    Index(None, "fingerprint", "id"),
    Index("ix_dead_letters_tenant_id", "tenant", "id", postgresql_where=text("tenant IS NOT NULL")),
    Index(None, "job_id"),
    Index("ix_dead_letters_replay_of", "replay_of", postgresql_where=text("replay_of IS NOT NULL")),
    Index("ix_dead_letters_finished_at", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
    Index("ix_dead_letters_hold", "id", postgresql_where=text("hold")),
    postgresql_partition_by="RANGE (id)",
)

Index("ix_dead_letters_facets", *facets(dead_letters.c), dead_letters.c.id)
for _lead in LEADS:
    Index(
        f"ix_dead_letters_{_lead}_facets",
        *(facet(dead_letters.c, _lead), *facets(dead_letters.c), dead_letters.c.id),
        postgresql_where=dead_letters.c[_lead].is_not(None),
    )
Index("ix_dead_letters_hold_facets", *facets(dead_letters.c), dead_letters.c.id, postgresql_where=dead_letters.c.hold)
Index("ix_dead_letters_words", words(dead_letters.c), postgresql_using="gin")
_error_text, _ops = error_text(dead_letters.c).label("error_text"), {"error_text": "gin_trgm_ops"}
Index("ix_dead_letters_error", _error_text, postgresql_using="gin", postgresql_ops=_ops)

dead_letter_events = Table(
    "dead_letter_events",
    metadata,
    # A trigger of the first migration refuses anything but INSERT. No foreign key: the audit outlives what it is about.
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("dead_letter_id", UUID, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("who", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Index(None, "dead_letter_id", "id"),
)

dead_letter_groups = Table(
    "dead_letter_groups",
    metadata,
    # Failures with one cause, as far as a fingerprint shows. The numbers are folded in from `dead_letter_changes`.
    Column("fingerprint", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("operation", Text),
    Column("error_type", Text),
    Column("message", Text),
    Column("frame", Text),
    *(Column(state.value, BigInteger, nullable=False, server_default="0") for state in State),
    Column("first_seen", DateTime(timezone=True)),
    Column("last_seen", DateTime(timezone=True)),
    Column("sample", UUID),
    Index(None, "last_seen"),
)

dead_letter_group_hours = Table(
    "dead_letter_group_hours",
    metadata,
    # How many died in each hour: the trend.
    Column("fingerprint", Text, primary_key=True),
    Column("hour", DateTime(timezone=True), primary_key=True),
    Column("letters", BigInteger, nullable=False),
    Index(None, "hour"),
)

dead_letter_group_tenants = Table(
    "dead_letter_group_tenants",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("tenant", Text, primary_key=True),
    Column("letters", BigInteger, nullable=False),
)

dead_letter_changes = Table(
    "dead_letter_changes",
    metadata,
    # What triggers on `dead_letters` have counted and what is not folded into the groups yet. Rows are only inserted: no writer waits for
    # another, and taken away by who folds. `hour` and `tenant` are null where a row only changed its state.
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("letters", BigInteger, nullable=False),
    Column("hour", DateTime(timezone=True)),
    Column("tenant", Text),
    Column("first_seen", DateTime(timezone=True)),
    Column("last_seen", DateTime(timezone=True)),
    Column("sample", UUID),
)

dead_letter_filters = Table(
    "dead_letter_filters",
    metadata,
    # Filters that people gave a name.
    Column("name", Text, primary_key=True),
    Column("filter", JSONB, nullable=False),
    Column("who", Text, nullable=False),
    Column("saved_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

replays = Table(
    "replays",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    # Why it is paused or stopped, or what it waits for while it runs.
    Column("cause", Text),
    Column("who", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("filter", JSONB, nullable=False),
    # Its rules: canary, rates, when to stop (storage/replays/rules.py).
    Column("rules", JSONB, nullable=False),
    Column("letters", Integer, nullable=False),
    # What made it when no person did; at most one of each is under way.
    Column("origin", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    one_of("state", ReplayState),
    Index(None, "created_at", "id"),
    Index(
        "ix_replays_active",
        "state",
        postgresql_where=text("state IN ('planned', 'running', 'paused')"),
    ),
    Index(
        "uq_replays_origin",
        "origin",
        unique=True,
        postgresql_where=text("origin IS NOT NULL AND state IN ('planned', 'running', 'paused')"),
    ),
)

replay_items = Table(
    "replay_items",
    metadata,
    # The set of a replay, fixed when it is made. `position` is the order: oldest death first.
    Column("replay_id", UUID, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("dead_letter_id", UUID, nullable=False),
    Column("provider", Text, nullable=False),
    Column("outcome", Text, nullable=False, server_default=ItemOutcome.PENDING.value),
    # The job that does its work now, or that has its idempotency key.
    Column("job_id", Text),
    Column("successor", UUID),
    Column("why", Text),
    Column("queued_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["replay_id"], ["replays.id"], ondelete="CASCADE", name="fk_replay_items_replay_id"),
    one_of("outcome", ItemOutcome),
    Index(None, "dead_letter_id"),
    Index(None, "replay_id", "outcome", "provider", "position"),
    # Those that ended last, which decide whether a replay is stopped.
    Index(
        "ix_replay_items_ended",
        "replay_id",
        "ended_at",
        postgresql_where=text("outcome IN ('done', 'dead_again')"),
    ),
)

job_kinds = Table(
    "job_kinds",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    # JSON of `leeward.record.PublishedKind`, as workers publish it.
    Column("description", JSONB, nullable=False),
)

erasures = Table(
    "erasures",
    metadata,
    # That a person's data was erased: never who it was, only a keyed hash (storage/erasure/record.py).
    Column("id", UUID, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("who", Text, nullable=False),
    Column("subject_hash", Text, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("remains", JSONB, nullable=False),
    Index(None, "subject_hash", "at"),
)
