"""Whether PostgreSQL is there and fit for the fleet."""

from sqlalchemy import text

from leeward.actions import MigrateDatabase
from leeward_admin.checks.check import EMBEDDED, Check, Verdict
from leeward_admin.server_errors import ServerUnreachable, shown_database, translated
from storage.database.engine import create_engine
from storage.database.fitness import UnfitDatabase
from storage.database.pooler import SharedSessions, shares_sessions
from storage.database.revisions import UnknownRevision, pending
from workers.settings.settings import Settings


def postgresql_checks(settings: Settings) -> list[Check]:
    """Whether it answers, takes writes and has this release's schema. Changes nothing."""
    if settings.database_url is None:
        return [Check("postgresql", Verdict.OK, EMBEDDED)]
    url = settings.database_url.get_secret_value()
    try:
        with translated(settings):
            return [*_answer(url, shown_database(settings)), _migrations(url)]
    except ServerUnreachable as error:
        if isinstance(error.__cause__, UnfitDatabase):
            return [Check("postgresql", Verdict.PROBLEM, f"{error.__cause__}.")]
        return [Check("postgresql", Verdict.PROBLEM, f"{error}. Check LEEWARD_DATABASE_URL and that it runs.")]


def _answer(url: str, address: str) -> list[Check]:
    engine = create_engine(url, application="leeward check")
    try:
        with engine.connect() as connection:
            version = connection.execute(text("SHOW server_version")).scalar_one()
            read_only = connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on"
        is_shared = shares_sessions(engine)
    finally:
        engine.dispose()
    found = [Check("postgresql", Verdict.OK, f"PostgreSQL {version} at {address}")]
    if read_only:
        advice = "it takes no writes (a standby, or default_transaction_read_only): set the URL to the primary"
        found.append(Check("postgresql writes", Verdict.PROBLEM, advice))
    if is_shared:
        unfit = SharedSessions("replays, retention and migrations")
        found.append(Check("postgresql sessions", Verdict.PROBLEM, f"{unfit}. Dead letters are still drained."))
    return found


def _migrations(url: str) -> Check:
    try:
        missing = pending(url)
    except UnknownRevision as error:
        return Check("migrations", Verdict.PROBLEM, f"{error}.")
    if missing:
        return Check("migrations", Verdict.PROBLEM, f"{len(missing)} to apply", (MigrateDatabase(),))
    return Check("migrations", Verdict.OK, "all are applied")
