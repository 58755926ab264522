"""The tables of accounts, as the newest migration leaves them."""

from sqlalchemy import BigInteger, Column, Computed, DateTime, Identity, Index, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from storage.accounts.state import AccountState, Wanted
from storage.naming import metadata, one_of

accounts = Table(
    "accounts",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("user_key", Text, Computed("lower(user_name)", persisted=True), primary_key=True),  # whatever its case
    Column("user_name", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("state", Text, nullable=False, server_default=AccountState.ACTIVE.value),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # How often a job to disable it has been asked for since its end came, when last, and when next unless the provider confirms it.
    Column("asks", Integer, nullable=False, server_default="0"),
    Column("asked_at", DateTime(timezone=True)),
    Column("ask_again_at", DateTime(timezone=True)),
    # When the provider was asked that then said what `state` says.
    Column("confirmed_at", DateTime(timezone=True)),
    Column("job_id", Text),
    Column("error", Text),
    # What was decided here; `state` says what of it the provider has confirmed.
    Column("wanted", Text, nullable=False, server_default=Wanted.ENABLED.value),
    # When a registration was approved, here or by the provider.
    Column("approved_at", DateTime(timezone=True)),
    one_of("state", AccountState),
    one_of("wanted", Wanted),
)

UNCONFIRMED = text(
    "expires_at IS NOT NULL AND (state <> 'disabled' OR confirmed_at IS NULL OR confirmed_at < expires_at)"
)
"""Accounts whose end the provider has not confirmed since it came."""

Index("ix_accounts_unconfirmed", accounts.c.expires_at, postgresql_where=UNCONFIRMED)

UNCONFIRMED_START = text("wanted = 'enabled' AND job_id IS NOT NULL AND state IN ('pending_sync', 'failed')")
"""Accounts that a job is to enable, which the provider has not confirmed."""

Index("ix_accounts_unconfirmed_start", accounts.c.provider, postgresql_where=UNCONFIRMED_START)

account_steps = Table(
    "account_steps",
    metadata,
    # Rows are only added. No foreign key: what was done outlives the account, until the person is erased.
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("provider", Text, nullable=False),
    Column("user_key", Text, Computed("lower(user_name)", persisted=True), nullable=False),
    Column("user_name", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("step", Text, nullable=False),
    # The person who did it; null: the fleet.
    Column("who", Text),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Index(None, "provider", "user_key", "id"),
)
