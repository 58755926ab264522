"""What providers have confirmed of the accounts whose end has come. Before the release that asks again until they have.

Workers of the previous release still work: they look for `active` and write `expired`, which counts as requested.
"""

from alembic import op

from storage.database.lock_timeout import alone
from storage.database.online_indexes import build_index

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COLUMNS = {
    "asks": "integer NOT NULL DEFAULT 0",
    "asked_at": "timestamptz",
    "ask_again_at": "timestamptz",
    "confirmed_at": "timestamptz",
    "job_id": "text",
    "error": "text",
}
_STATES = "'pending_sync', 'active', 'expiring', 'disabled', 'failed', 'expired'"
_UNCONFIRMED = "expires_at IS NOT NULL AND (state <> 'disabled' OR confirmed_at IS NULL OR confirmed_at < expires_at)"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        columns = ", ".join(f"ADD COLUMN IF NOT EXISTS {name} {kind}" for name, kind in _COLUMNS.items())
        alone(connection, f"ALTER TABLE accounts {columns}")
        alone(connection, _constraint(_STATES))
        alone(connection, "ALTER TABLE accounts VALIDATE CONSTRAINT ck_accounts_state")
        # Requested once; whether the provider has done it is not known.
        alone(connection, "UPDATE accounts SET state = 'expiring' WHERE state = 'expired'")
        build_index(connection, "ix_accounts_unconfirmed", "accounts", f"(expires_at) WHERE {_UNCONFIRMED}")
        alone(connection, "DROP INDEX IF EXISTS ix_accounts_due")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        due = "(expires_at) WHERE state = 'active' AND expires_at IS NOT NULL"
        build_index(connection, "ix_accounts_due", "accounts", due)
        alone(
            connection,
            "UPDATE accounts SET state = CASE WHEN state = 'disabled' AND confirmed_at >= expires_at THEN 'expired'"
            " ELSE 'active' END WHERE state NOT IN ('active', 'expired')",
        )
        alone(connection, _constraint("'active', 'expired'"))
        alone(connection, "ALTER TABLE accounts VALIDATE CONSTRAINT ck_accounts_state")
        alone(connection, "DROP INDEX IF EXISTS ix_accounts_unconfirmed")
        columns = ", ".join(f"DROP COLUMN IF EXISTS {name}" for name in _COLUMNS)
        alone(connection, f"ALTER TABLE accounts {columns}")


def _constraint(states: str) -> str:
    return (
        "ALTER TABLE accounts DROP CONSTRAINT IF EXISTS ck_accounts_state,"
        f" ADD CONSTRAINT ck_accounts_state CHECK (state IN ({states})) NOT VALID"
    )
