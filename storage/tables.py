"""The tables, as the newest migration leaves them. The queries are in one module per table."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from storage.account_state import AccountState
from storage.reason import Reason
from storage.state import State

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, values: type[Reason | State | AccountState]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value.value) for value in values)})", name=column)


dead_letters = Table(
    "dead_letters",
    metadata,
    # From died_at and outbox_id (storage/dead_letters/identity.py): ordered by time, the same for the same entry.
    Column("id", UUID, primary_key=True),
    Column("outbox_id", Text, nullable=False, unique=True),
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
    Column("replay_of", UUID, ForeignKey("dead_letters.id")),
    Column("replayed_as", Text),
    Column("replay_runner", BigInteger),
    Column("replayed_at", DateTime(timezone=True)),
    Column("generation", Integer, nullable=False, server_default="0"),
    _one_of("reason", Reason),
    _one_of("state", State),
    Index(None, "died_at", "id"),
    Index(None, "state", "died_at", "id"),
    Index(None, "job_id"),
    Index("ix_dead_letters_replay_of", "replay_of", postgresql_where=text("replay_of IS NOT NULL")),
    # Claimed for a replay, not known to be enqueued: a handful at any time.
    Index(
        "ix_dead_letters_unconfirmed",
        "replay_runner",
        postgresql_where=text("state = 'requeued' AND replayed_at IS NULL"),
    ),
)

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

accounts = Table(
    "accounts",
    metadata,
    Column("provider", Text, primary_key=True),
    # A name is the same whatever its case.
    Column("user_key", Text, Computed("lower(user_name)", persisted=True), primary_key=True),
    Column("user_name", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("state", Text, nullable=False, server_default=AccountState.ACTIVE.value),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _one_of("state", AccountState),
    Index("ix_accounts_due", "expires_at", postgresql_where=text("state = 'active' AND expires_at IS NOT NULL")),
)
