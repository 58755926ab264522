"""Fingerprints for letters that have none of this release's rule: an older release wrote them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, text

from storage.dead_letters.groups.fingerprint import RULE, Failure, failure_of, values_of
from storage.dead_letters.groups.group_identity import remember
from storage.payloads.redaction import redacted
from storage.tables import dead_letters

BATCH = 200
"""Letters in a transaction: some tens of milliseconds, which is how long a person who triages one of them may wait."""

_row = dead_letters.c
_SET = text("""
    UPDATE dead_letters SET fingerprint = found.fingerprint, operation = found.operation
    FROM unnest(CAST(:ids AS uuid[]), CAST(:fingerprints AS text[]), CAST(:operations AS text[]))
         AS found (id, fingerprint, operation)
    WHERE dead_letters.id = found.id
""")


def fingerprint_batch(connection: Connection, *, limit: int = BATCH) -> int:
    """Puts up to `limit` letters into their groups, and returns how many; 0 when none is left that is not locked.

    Neither version nor `updated_at` changes: this is not a decision. Any number may run at once, without waiting for each other. Letters
    of a newer rule are left alone.

    Args:
        connection: in a transaction of its own, which should end soon after.
        limit: how many at most.
    """
    # One after the other: each is a plain walk along the index.
    found = _locked(connection, _row.fingerprint.is_(None), limit)
    if len(found) < limit:
        found = [*found, *_locked(connection, _row.fingerprint < f"{RULE:x}", limit - len(found))]
    if not found:
        return 0
    failures = [_failure(row) for row in found]
    remember(connection, failures)
    connection.execute(
        _SET,
        {
            "ids": [row.id for row in found],
            "fingerprints": [failure.fingerprint for failure in failures],
            "operations": [failure.operation for failure in failures],
        },
    )
    return len(found)


def _locked(connection: Connection, condition: ColumnElement[bool], limit: int) -> Sequence[Any]:
    columns = (_row.id, _row.provider, _row.actor, _row.job_id, _row.worker, _row.error, _row.payload, _row.message)
    return connection.execute(select(*columns).where(condition).limit(limit).with_for_update(skip_locked=True)).all()


def _failure(row: Row[Any]) -> Failure:
    # A field that counts as secret by now may not have been one to the release that wrote the letter.
    scrub = redacted(row.message).scrub
    values = values_of(scrub(row.payload), job=row.job_id, worker=row.worker)
    return failure_of(row.provider, row.actor, scrub(row.error), values)
