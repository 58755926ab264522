"""The filters that are timed: plain ones, and those made to be slow."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select

from bench.dlq.load import NEW_BURST, OLD_BURST
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.state import OPEN, State
from storage.tables import dead_letters


def filters(connection: Connection, now: datetime) -> Mapping[str, Filter]:
    """Some 50 filters by name.

    Args:
        connection: to the loaded database, to find a key and a group that are there.
        now: when it was loaded.
    """
    key, fingerprint, rare = _samples(connection)
    burst = now - OLD_BURST.ended
    owners, fingerprints = (OLD_BURST.owner,), _groups(connection, dead_letters.c.provider == OLD_BURST.provider)[:1]
    tenant, long_tenant = NEW_BURST.tenants
    hour = {"since": burst - timedelta(hours=1), "until": burst}
    return {
        "everything": Filter(),
        "state": Filter(states=(State.FAILED,)),
        "states_open": Filter(states=OPEN),
        "rare_state": Filter(states=(State.REQUEUED,)),
        "provider": Filter(providers=("jellyfin",)),
        "reason_and_state": Filter(reasons=(DeadReason.EXHAUSTED,), states=(State.FAILED,)),
        "three_facets": Filter(providers=("smtp",), states=(State.FAILED,), reasons=(DeadReason.PERMANENT,)),
        "never_meet": Filter(providers=("jellyfin",), actors=("email.send",)),
        "dense_never_meet": Filter(fingerprints=(fingerprint,), providers=("http",)),
        "operation_and_provider": Filter(operations=("create_user",), providers=("jellyfin",), states=OPEN),
        "tenant": Filter(tenants=("tenant-00",)),
        "tenant_and_state": Filter(tenants=("tenant-59",), states=(State.REQUEUED,)),
        "fingerprint": Filter(fingerprints=(fingerprint,)),
        "fingerprint_and_state": Filter(fingerprints=(fingerprint,), states=(State.REVIEWING,)),
        "rare_fingerprint": Filter(fingerprints=(rare,), states=(State.FAILED,)),
        "owner": Filter(owners=("ada",), states=(State.REVIEWING,)),
        "hold": Filter(hold=True),
        "burst_hour": Filter(**hour),
        "burst_hour_other_provider": Filter(providers=("smtp",), states=(State.FAILED,), **hour),
        "last_day": Filter(since=now - timedelta(days=1), states=OPEN),
        "long_ago": Filter(until=now - timedelta(days=50), states=OPEN, providers=("jellyfin",)),
        "common_word": Filter(text="jellyfin"),
        "rare_word": Filter(text=key),
        "word_that_never_occurs": Filter(text="zebrafish"),
        "word_of_another_script": Filter(text="ошибка"),
        "word_of_another_script_and_facets": Filter(text="ошибка jellyfin", providers=("jellyfin",), states=OPEN),
        "common_word_never_meets": Filter(text="jellyfin", providers=("smtp",), states=(State.REQUEUED,)),
        "common_word_of_other_providers": Filter(text="jellyfin", providers=("smtp",)),
        "common_word_and_common_facets": Filter(text="jellyfin", providers=("smtp",), states=(State.FAILED,)),
        "common_word_and_rare_error": Filter(text="jellyfin", error="plex"),
        "common_words_that_never_meet": Filter(text="jellyfin welcome"),
        "word_of_long_ago": Filter(text=OLD_BURST.key),
        "word_of_long_ago_and_state": Filter(text=OLD_BURST.key, states=(State.FAILED,)),
        "word_in_some_thousand": Filter(text="tenant 59"),
        "short_word_within_ids": Filter(text="55"),
        "common_word_and_facets": Filter(text="503", operations=("send",), states=OPEN),
        "error_part": Filter(error="answered 50"),
        "error_that_never_occurs": Filter(error="zebrafish"),
        "error_of_other_providers": Filter(error="jellyfin answered", providers=("smtp",)),
        "error_of_common_trigrams": Filter(error="refused the answer"),
        "error_without_trigrams": Filter(error="a! b"),
        "error_without_trigrams_and_provider": Filter(error="%", providers=("smtp",)),
        "owner_never_meets_tenant": Filter(owners=owners, tenants=(tenant,)),
        "owner_never_meets_tenants": Filter(owners=owners, tenants=NEW_BURST.tenants, states=OPEN),
        "tenant_never_meets_fingerprint": Filter(tenants=(tenant,), fingerprints=fingerprints),
        "long_tenant_never_meets_fingerprint": Filter(tenants=(long_tenant,), fingerprints=fingerprints),
        "not_held": Filter(hold=False, states=(State.REQUEUED,), providers=("smtp",), tenants=("tenant-59",)),
        "everything_combined": Filter(
            text=key, error="e", states=OPEN, providers=("jellyfin", "smtp"), tenants=("tenant-00", "tenant-01"),
            since=now - timedelta(days=40), reasons=(DeadReason.EXHAUSTED, DeadReason.PERMANENT),
        ),
    }  # fmt: skip


def deep(connection: Connection) -> UUID:
    """A cursor half a million letters down."""
    row = dead_letters.c
    half = select(func.count() / 2).select_from(dead_letters).scalar_subquery()
    return connection.execute(select(row.id).order_by(row.id.desc()).offset(half).limit(1)).scalar_one()


def _samples(connection: Connection) -> tuple[str, str, str]:
    row = dead_letters.c
    key = connection.execute(select(row.idempotency_key).where(row.idempotency_key.is_not(None)).limit(1)).scalar_one()
    found = _groups(connection)
    return key, found[0], found[-1]


def _groups(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[str, ...]:
    """Fingerprints, that of the largest group first."""
    fingerprint = dead_letters.c.fingerprint
    groups = select(fingerprint).where(*conditions).group_by(fingerprint).order_by(func.count().desc())
    return tuple(connection.execute(groups).scalars())
