"""What each group of failures is, written down before its first letter."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from storage.dead_letters.groups.fingerprint import Failure

# Those that are known already are not even tried: an insert would wait for a transaction that is changing their numbers.
_REMEMBER = text("""
    INSERT INTO dead_letter_groups (fingerprint, provider, operation, error_type, message, frame)
    SELECT fingerprint, provider, operation, error_type, message, frame
    FROM unnest(
        CAST(:fingerprints AS text[]), CAST(:providers AS text[]), CAST(:operations AS text[]),
        CAST(:error_types AS text[]), CAST(:messages AS text[]), CAST(:frames AS text[])
    ) AS failure (fingerprint, provider, operation, error_type, message, frame)
    WHERE NOT EXISTS (SELECT FROM dead_letter_groups AS known WHERE known.fingerprint = failure.fingerprint)
    ORDER BY fingerprint
    ON CONFLICT DO NOTHING
""")


def remember(connection: Connection, failures: Iterable[Failure]) -> None:
    """Adds the groups that are not there yet; always in the same order, so that no two transactions wait for each other.

    To be called in the transaction that writes the letters, before them: the trigger that counts a letter finds its group.
    """
    by_fingerprint = {failure.fingerprint: failure for failure in failures}
    if not by_fingerprint:
        return
    known = list(by_fingerprint.values())
    connection.execute(
        _REMEMBER,
        {
            "fingerprints": list(by_fingerprint),
            "providers": [failure.provider for failure in known],
            "operations": [failure.operation for failure in known],
            "error_types": [failure.error_type for failure in known],
            "messages": [failure.message for failure in known],
            "frames": [failure.frame for failure in known],
        },
    )
