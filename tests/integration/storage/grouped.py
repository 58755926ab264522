"""Letters of failures that differ, for the tests of groups."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from leeward import Job, SyncUser
from storage.dead_letters.groups.rollup import roll_up
from storage.dead_letters.intake.new_letter import DeadLetter
from storage.dead_letters.state import State
from storage.tables import dead_letter_group_hours, dead_letter_group_tenants, dead_letter_groups, dead_letters
from tests.unit.storage.dead_letters.intake.dead_entries import dead_fields, message_of

NOW = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)


def failed(
    number: int,
    said: str = "503 from the server",
    *,
    ago: timedelta = timedelta(0),
    provider: str = "jellyfin",
    tenant: str | None = None,
    reason: str = "exhausted",
    error_type: str = "Transient",
    operation: str = "create_user",
    job: Job | None = None,
) -> DeadLetter:
    """A letter that died that long before `NOW`; `number` makes it one of its own."""
    died_ms = round((NOW - ago).timestamp() * 1000)
    message = message_of(
        job or SyncUser(user=f"user-{number}", provider=provider),
        message_id=f"job-{number}",
        options={"tenant": tenant} if tenant else {},
    )
    error = {"type": error_type, "message": said, "operation": operation, "provider": provider}
    fields = dead_fields(
        message, died_at=str(died_ms), reason=reason, error=json.dumps(error), queue=f"sync.{provider}"
    )
    return DeadLetter.from_outbox(provider, f"{died_ms}-{number}", fields)


def counted(connection: Connection) -> tuple[Counter[Any], Counter[Any], Counter[Any]]:
    """What the groups should say: letters by state, by hour and by tenant, each with the fingerprint."""
    row = dead_letters.c
    found = connection.execute(
        select(row.fingerprint, row.state, func.date_trunc("hour", row.died_at), row.tenant)
    ).all()
    return (
        Counter((fingerprint, state) for fingerprint, state, _, _ in found),
        Counter((fingerprint, hour) for fingerprint, _, hour, _ in found),
        Counter((fingerprint, tenant) for fingerprint, _, _, tenant in found if tenant),
    )


def told(connection: Connection) -> tuple[Counter[Any], Counter[Any], Counter[Any]]:
    """What the groups say after a fold; what is zero is left out."""
    roll_up(connection)
    groups = connection.execute(select(dead_letter_groups)).all()
    by_state = Counter({(one.fingerprint, state.value): getattr(one, state.value) for one in groups for state in State})
    parts: list[Counter[Any]] = []
    for table, name in ((dead_letter_group_hours, "hour"), (dead_letter_group_tenants, "tenant")):
        rows = connection.execute(select(table.c.fingerprint, table.c[name], table.c.letters))
        parts.append(Counter({(fingerprint, value): letters for fingerprint, value, letters in rows if letters}))
    by_hour, by_tenant = parts
    return Counter({key: letters for key, letters in by_state.items() if letters}), by_hour, by_tenant
