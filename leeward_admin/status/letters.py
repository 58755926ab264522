"""The open dead letters for a glance, and what keeps them from being counted."""

from leeward.actions import CheckInstallation, MigrateDatabase
from leeward.redaction import cleaned
from leeward_admin.status.status import Need, OpenGroup, OpenLetters, Urgency
from workers.settings.display import shown_url
from workers.settings.settings import Settings


def open_letters(settings: Settings) -> OpenLetters | Need:
    """Asks PostgreSQL for two seconds at most for each step."""
    if settings.database_url is None:
        return _need("no PostgreSQL is configured: dead letters wait in Valkey", CheckInstallation())
    import psycopg

    from storage.dead_letters.at_a_glance import at_a_glance

    url = settings.database_url.get_secret_value()
    try:
        glance = at_a_glance(url)
    except psycopg.Error as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        text = cleaned(f"PostgreSQL at {shown_url(url)} cannot be used: {first}")
        return _need(f"{text}; dead letters wait in Valkey meanwhile", CheckInstallation())
    if glance.newer:
        return _need("the database has the schema of a newer release", CheckInstallation())
    if glance.migrations:
        return _need(f"the database lacks {glance.migrations} migrations of this release", MigrateDatabase())
    largest = tuple(
        OpenGroup(
            fingerprint=one.fingerprint,
            provider=one.provider,
            error=one.error,
            letters=one.letters,
            last_seen=one.last_seen,
        )
        for one in glance.largest
    )
    return OpenLetters(letters=glance.letters, groups=glance.groups, last_seen=glance.last_seen, largest=largest)


def _need(text: str, action: CheckInstallation | MigrateDatabase) -> Need:
    return Need(urgency=Urgency.PROBLEM, subject="database", text=text, actions=(action,))
