import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.letter.queries import UnknownDeadLetter, count_by, export, get
from storage.dead_letters.letter.views import Summary
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.search.pages import Cursor, page
from storage.dead_letters.state import State
from storage.dead_letters.triage.decisions import discard
from tests.integration.storage.rows import failing_with, keep, letter
from tests.unit.storage.dead_letters.intake.dead_entries import DIED_AT_MS, message_of

FIRST = datetime.fromtimestamp(DIED_AT_MS / 1000, UTC)


def all_pages(connection: Connection, filter_: Filter, limit: int) -> list[list[Summary]]:
    pages: list[list[Summary]] = []
    after: Cursor | None = None
    with connection.begin():
        while True:
            rows, after = page(connection, filter_, limit=limit, after=after)
            pages.append(rows)
            if after is None:
                return pages


def found(connection: Connection, **conditions: Any) -> list[str]:
    (rows,) = all_pages(connection, Filter(**conditions), 100)
    return [row.job_id for row in rows]


def test_pages_show_everything_once_newest_first(connection: Connection) -> None:
    keep(connection, *(letter(number) for number in range(10)))

    pages = all_pages(connection, Filter(), 4)

    assert [len(rows) for rows in pages] == [4, 4, 2]
    assert [row.job_id for rows in pages for row in rows] == [f"job-{number}" for number in range(9, -1, -1)]


def test_a_full_last_page_has_no_successor(connection: Connection) -> None:
    keep(connection, *(letter(number) for number in range(4)))

    assert [len(rows) for rows in all_pages(connection, Filter(), 4)] == [4]


def test_those_that_died_in_the_same_millisecond_are_all_shown(connection: Connection) -> None:
    died_at = str(DIED_AT_MS)
    keep(connection, *(letter(number, died_at=died_at) for number in range(7)))

    pages = all_pages(connection, Filter(), 2)

    assert len({row.id for rows in pages for row in rows}) == 7


def test_what_dies_between_two_pages_moves_nothing(connection: Connection) -> None:
    keep(connection, *(letter(number) for number in range(4)))
    with connection.begin():
        _, after = page(connection, Filter(), limit=2)
    keep(connection, letter(100))

    with connection.begin():
        rows, _ = page(connection, Filter(), limit=2, after=after)

    assert [row.job_id for row in rows] == ["job-1", "job-0"]


def test_each_condition_narrows_the_list(connection: Connection) -> None:
    ids = keep(
        connection,
        letter(0, error=failing_with("Transient", "connection refused")),
        letter(1, provider="emby", reason="expired"),
        letter(2, message=message_of(actor_name="email.send", message_id="job-2"), queue="email.smtp"),
    )
    with connection.begin():
        discard(connection, ids[0], 1, who="ada", note="too old")

    assert found(connection, states=(State.DISCARDED,)) == ["job-0"]
    assert found(connection, states=(State.FAILED, State.DISCARDED)) == ["job-2", "job-1", "job-0"]
    assert found(connection, reasons=(DeadReason.EXPIRED,)) == ["job-1"]
    assert found(connection, providers=("emby", "nobody")) == ["job-1"]
    assert found(connection, queues=("email.smtp",)) == ["job-2"]
    assert found(connection, actors=("email.send",)) == ["job-2"]
    assert found(connection, error="CONNECTION ref") == ["job-0"]
    assert found(connection, since=FIRST + timedelta(seconds=1)) == ["job-2", "job-1"]
    assert found(connection, until=FIRST + timedelta(seconds=1)) == ["job-0"]
    assert found(connection, ids=(ids[1],)) == ["job-1"]
    assert found(connection, providers=("jellyfin",), reasons=(DeadReason.EXPIRED,)) == []


@pytest.mark.parametrize("searched", ["%", "_", "\\", "100%", "'; DROP TABLE dead_letters; --", "a' OR '1'='1"])
def test_a_search_text_means_just_itself(connection: Connection, searched: str) -> None:
    keep(connection, letter(0, error=failing_with("E", f"before {searched} after")), letter(1))

    assert found(connection, error=searched) == ["job-0"]


def test_counts_are_grouped_largest_first(connection: Connection) -> None:
    keep(connection, letter(0), letter(1), letter(2, reason="expired"), letter(3, provider="emby"))

    with connection.begin():
        groups = count_by(connection, Filter())

    assert [tuple(group) for group in groups] == [
        ("jellyfin", "sync.user", "exhausted", 2),
        ("emby", "sync.user", "exhausted", 1),
        ("jellyfin", "sync.user", "expired", 1),
    ]


def test_a_dead_letter_that_is_not_there_is_told_as_such(connection: Connection) -> None:
    missing = UUID("01920000-0000-7000-8000-000000000001")

    with pytest.raises(UnknownDeadLetter, match=f"no dead letter {missing}"), connection.begin():
        get(connection, missing)


def test_an_export_is_json_oldest_first_with_the_message(connection: Connection) -> None:
    written = [letter(number) for number in range(3)]
    keep(connection, *written)

    with connection.begin():
        documents = [json.loads(json.dumps(document)) for document in export(connection, Filter())]

    assert [document["job_id"] for document in documents] == ["job-0", "job-1", "job-2"]
    first = documents[0]
    assert base64.b64decode(first["message_base64"]) == written[0].message
    assert first["id"] == str(written[0].id)
    assert datetime.fromisoformat(first["died_at"]) == written[0].died_at
    assert "message" not in first


def test_an_export_hides_what_became_secret_after_it_was_written(connection: Connection) -> None:
    (id_,) = keep(connection, letter(0))
    message = message_of(kwargs={"payload": {"user": "alice", "password": "correct horse"}})
    statement = text("UPDATE dead_letters SET message = :m, payload = :p, error = :e WHERE id = :id")
    values = {
        "m": message,
        "p": json.dumps({"user": "alice", "password": "correct horse"}),
        "e": json.dumps({"message": "correct horse is too weak"}),
    }
    with connection.begin():
        connection.execute(statement, values | {"id": id_})

    with connection.begin():
        (document,) = export(connection, Filter())

    assert "correct horse" not in json.dumps(document)
    assert b"correct horse" not in base64.b64decode(document["message_base64"])
    assert document["payload"]["password"] == "[redacted]"


def test_an_export_reads_in_batches(connection: Connection) -> None:
    keep(connection, *(letter(number) for number in range(450)))

    with connection.begin():
        rows = export(connection, Filter())
        next(rows)
        cursors = connection.execute(text("SELECT count(*) FROM pg_cursors")).scalar()
        rest = sum(1 for _ in rows)

    assert (cursors, rest) == (1, 449)
