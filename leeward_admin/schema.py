"""The database's schema, for people."""

from leeward_admin.server_errors import AddressMissing, translated
from storage.database.engine import create_engine
from storage.database.revisions import pending
from workers.processes.addresses import with_running_servers
from workers.settings.settings import Settings

__all__ = ["migrate"]


def migrate(settings: Settings, *, dry_run: bool = False) -> list[str]:
    """Applies what is missing and names it, oldest first. With `dry_run` it only names it.

    Raises:
        AddressMissing: no PostgreSQL.
        ServerUnreachable: it does not answer.
        UnknownRevision: the database is newer than this release.
        SchemaBusy: others kept a table that is needed for a moment.
    """
    reachable = with_running_servers(settings)
    if reachable.database_url is None:
        raise AddressMissing("PostgreSQL", settings)
    url = reachable.database_url.get_secret_value()
    with translated(reachable):
        missing = pending(url)
        if missing and not dry_run:
            # Imported here: Alembic takes longer than the question whether anything is missing.
            from storage.database.migrate import upgrade
            from workers.background.partition_maintenance import PartitionMaintenance

            upgrade(url)
            engine = create_engine(url, application="leeward migrate")
            PartitionMaintenance(engine).look()
            engine.dispose()
    return missing
