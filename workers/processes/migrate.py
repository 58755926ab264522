"""`python -m workers.processes.migrate`: brings the configured database to this release's schema. A deployment runs it once before its
processes.
"""

import sys

from sqlalchemy.exc import OperationalError

from leeward.errors import Unavailable
from storage.database.engine import create_engine
from storage.database.fitness import UnfitDatabase
from storage.database.lock_timeout import SchemaBusy
from storage.database.migrate import upgrade
from storage.database.revisions import UnknownRevision
from workers.background.partition_maintenance import PartitionMaintenance
from workers.settings.display import shown_url
from workers.settings.problem import InvalidSettings
from workers.settings.settings import Settings


class DatabaseUnreachable(Unavailable):
    """Raised when the database cannot be brought to this release's schema because it does not answer."""

    code = "database_unreachable"

    def __init__(self, database_url: str) -> None:
        super().__init__(
            f"The PostgreSQL at {shown_url(database_url)} cannot be reached. Check LEEWARD_DATABASE_URL and that it runs."
        )


def migrate(database_url: str) -> None:
    """Then makes the partitions of the months to come. Any number of processes may do so at once; only one works.

    Raises:
        DatabaseUnreachable: it does not answer.
        UnfitDatabase: it cannot hold every text, or a pooler shares its sessions.
        UnknownRevision: it is newer than this release.
        SchemaBusy: others kept a table that is needed for a moment.
    """
    try:
        upgrade(database_url)
        engine = create_engine(database_url, application="leeward migrate")
        PartitionMaintenance(engine).look()
        engine.dispose()
    except OperationalError as error:
        raise DatabaseUnreachable(database_url) from error


def main() -> None:
    """Ends with code 1 and one message when it cannot be done."""
    try:
        settings = Settings.from_environment()
        if settings.database_url is None:
            sys.exit("LEEWARD_DATABASE_URL is not set; set it to the database to migrate.")
        migrate(settings.database_url.get_secret_value())
    except (InvalidSettings, DatabaseUnreachable, UnfitDatabase, UnknownRevision, SchemaBusy) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
