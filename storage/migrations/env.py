"""Run by Alembic for every command. The connection comes from `storage.database.migrate`, which holds the lock."""

from alembic import context

from storage.tables import dead_letters

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=dead_letters.metadata,
    # Each migration stands or falls alone, so that a failing one does not undo those before it.
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
