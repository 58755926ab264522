"""Whether an outbox that is configured can be reached, has its table, and is moved on."""

from leeward_admin.checks.check import Check, Verdict
from leeward_admin.status.outbox import outbox_needs, read_outbox
from storage.outbox_rows.at_a_glance import OutboxGlance
from workers.settings.settings import Settings


def outbox_checks(settings: Settings) -> list[Check]:
    """Empty where none is configured. Changes nothing."""
    glance = read_outbox(settings)
    found = [Check(need.subject, Verdict(need.urgency.value), need.text, need.actions) for need in outbox_needs(glance)]
    if isinstance(glance, OutboxGlance) and glance.relays:
        found.insert(
            0, Check("outbox", Verdict.OK, f"relays connected: {glance.relays}; jobs waiting: {glance.waiting:,}")
        )
    return found
