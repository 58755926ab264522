import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from storage.dead_letters.triage.decisions import review
from tests.integration.storage.rows import events, keep, letter


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE dead_letter_events SET who = 'nobody'",
        "DELETE FROM dead_letter_events",
        "TRUNCATE dead_letter_events",
    ],
)
def test_an_audit_row_cannot_be_changed_or_removed(connection: Connection, attempt: str) -> None:
    (id_,) = keep(connection, letter(1))
    with connection.begin():
        review(connection, id_, 1, who="ada")

    with pytest.raises(IntegrityError, match="dead_letter_events is append-only"), connection.begin():
        connection.execute(text(attempt))

    assert [event.who for event in events(connection, id_)] == ["ada"]
