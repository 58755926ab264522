"""What of a producer's outbox needs attention."""

from collections.abc import Iterator

from leeward.actions import Action, CheckInstallation, ListRefusedRows, MigrateOutbox, StartRelay
from leeward.redaction import cleaned
from leeward_admin.status.status import Need, Urgency
from storage.outbox_rows.at_a_glance import OutboxGlance, outbox_at_a_glance
from workers.settings.display import shown_url
from workers.settings.settings import Settings


def read_outbox(settings: Settings) -> OutboxGlance | Need | None:
    """The outbox that is configured, or what keeps it from being read; None where none is. Asks PostgreSQL for two seconds at most for each
    step.
    """
    if settings.outbox_database_url is None:
        return None
    import psycopg

    url = settings.outbox_database_url.get_secret_value()
    try:
        return outbox_at_a_glance(url)
    except psycopg.errors.UndefinedTable:
        text = f"the database at {shown_url(url)} has no table leeward_outbox; docs/outbox.md says how an application adopts it"
        return _need(Urgency.PROBLEM, text, MigrateOutbox())
    except psycopg.Error as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        text = cleaned(f"the outbox at {shown_url(url)} cannot be read: {first}")
        return _need(Urgency.PROBLEM, text, CheckInstallation())


def outbox_needs(found: OutboxGlance | Need | None) -> Iterator[Need]:
    """Rule: a missing relay can wait as long as no job waits for it."""
    match found:
        case Need():
            yield found
        case OutboxGlance(waiting=waiting, relays=0):
            urgency = Urgency.PROBLEM if waiting else Urgency.WARNING
            yield _need(urgency, f"no relay is connected to the outbox; jobs waiting there: {waiting:,}", StartRelay())
    if isinstance(found, OutboxGlance) and found.refused:
        text = (
            f"jobs of the outbox that can never be enqueued as they are: {found.refused:,} ({', '.join(found.codes)})"
        )
        yield _need(Urgency.WARNING, text, ListRefusedRows())


def _need(urgency: Urgency, text: str, action: Action) -> Need:
    return Need(urgency=urgency, subject="outbox", text=text, actions=(action,))
