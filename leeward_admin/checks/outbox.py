"""Whether an outbox that is configured can be reached, has its table, and is moved on."""

from contextlib import ExitStack

from leeward.errors import NotReady, Unavailable
from leeward_admin.checks.check import Check, Verdict
from leeward_admin.outbox import Outbox, OutboxStatus
from workers.settings.settings import Settings

_START = "start one with `leeward outbox relay`"


def outbox_checks(settings: Settings) -> list[Check]:
    """Empty where none is configured. Changes nothing."""
    if settings.outbox_database_url is None:
        return []
    try:
        with ExitStack() as stack:
            return list(_checks(stack.enter_context(Outbox.opened(settings)).status()))
    except (NotReady, Unavailable) as error:
        return [Check("outbox", Verdict.PROBLEM, f"{error}.")]


def _checks(status: OutboxStatus) -> list[Check]:
    waiting = sum(one.rows for one in status.waiting)
    found = [
        Check("outbox", Verdict.OK, f"at {status.address}; relays: {len(status.relays)}, rows waiting: {waiting:,}")
    ]
    if not status.relays:
        # Before the fleet is started there is none; once jobs wait they are late.
        verdict = Verdict.PROBLEM if waiting else Verdict.WARNING
        found = [
            Check("outbox", verdict, f"no relay is connected to {status.address}, rows waiting: {waiting:,}; {_START}")
        ]
    if refused := sum(one.rows for one in status.refused):
        reasons = ", ".join(sorted({one.code for one in status.refused}))
        detail = f"rows that can never be enqueued: {refused:,} ({reasons}); see `leeward outbox refused`"
        found.append(Check("outbox rows", Verdict.WARNING, detail))
    return found
