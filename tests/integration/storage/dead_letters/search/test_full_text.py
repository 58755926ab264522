"""Words are found wherever they stand, and nothing that a job holds makes an insert fail."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, text

from storage.dead_letters.intake.insert import insert_many
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.search.filter_shape import with_values
from storage.dead_letters.search.full_text import maybe_with_words, words_asked
from storage.dead_letters.search.index_expressions import words as indexed_words
from storage.dead_letters.search.pages import page
from storage.dead_letters.triage.decisions import note
from storage.tables import dead_letters
from tests.integration.storage.rows import failing_with, keep, letter
from tests.support.examples import examples
from tests.unit.storage.dead_letters.intake.dead_entries import message_of


def found(connection: Connection, words: str) -> list[str]:
    with connection.begin():
        return [row.job_id for row in page(connection, Filter(text=words)).rows]


def test_words_of_the_error_the_payload_the_note_and_the_ids_are_found(connection: Connection) -> None:
    options = {"request_id": "req-77", "idempotency_key": "invite/17", "tenant": "acme"}
    message = message_of(message_id="job-a", options=options, kwargs={"payload": {"user": "Ada.Lovelace@example.org"}})
    error = json.dumps({"type": "Refused", "message": "quota exceeded", "traceback": 'File "a.py"\nKeyError: shelf'})
    (id_, _) = keep(connection, letter(1, message=message, error=error), letter(2))
    with connection.begin():
        note(connection, id_, 1, who="ada", text="Waits for the vendor")

    for words in (
        "quota",
        "EXCEEDED refused",
        "lovelace example",
        "ada.lovelace@example.org",
        "req-77",
        "acme",
    ):
        assert found(connection, words) == ["job-a"], words
    assert found(connection, "invite/17") == found(connection, "vendor waits") == ["job-a"]
    assert found(connection, "quota nobody") == found(connection, "quot") == []
    assert found(connection, "keyerror shelf") == [], "a traceback is shown, not looked through"


@pytest.mark.parametrize(
    "said",
    [
        "C:\\new\\table",
        'a "quoted" word',
        "café naïve",
        "日本語",
        "tab\there",
        "5xx 0x1f 1e5",
        "\u212aelvin",
        "ОШИБКА",
        "ΟΔΌΣ",
    ],
)
def test_a_text_is_found_by_its_own_words(connection: Connection, said: str) -> None:
    keep(connection, letter(1, error=failing_with("E", said)), letter(2))

    assert found(connection, said) == ["job-1"]


@pytest.mark.parametrize("word", ["nowhere", "ice", "ОШИБКА", "größe", "日本語"])
def test_a_letter_that_cannot_have_a_word_is_passed_over_without_making_its_words(
    connection: Connection, word: str
) -> None:
    keep(connection, letter(1), letter(2, error=failing_with("E", f"it says {word}.")))

    maybe = with_values(maybe_with_words(dead_letters.c), words_asked(word))

    assert connection.execute(select(dead_letters.c.job_id).where(maybe)).scalars().all() == ["job-2"]


def test_a_search_text_is_no_query_language(connection: Connection) -> None:
    keep(connection, letter(1, error=failing_with("E", "this and that")), letter(2))

    for words in ("this & that", "this | nothing", "!nothing this", "thi:*", "'; DROP TABLE dead_letters; --"):
        assert found(connection, words) == (["job-1"] if words == "this & that" else []), words


def test_the_largest_dead_letter_can_be_indexed(connection: Connection) -> None:
    """A tsvector of more than a megabyte is an error."""
    distinct = " ".join(chr(0x4E00 + number % 20_000) + chr(0x4E00 + number // 7) for number in range(60_000))
    message = message_of(kwargs={"payload": {"user": distinct[:80_000]}}, message_id="job-1")
    error = json.dumps({"type": "E", "message": distinct, "traceback": distinct})

    keep(connection, letter(1, message=message, error=error))

    assert found(connection, "alice") == []
    with connection.begin():
        assert connection.execute(text("SELECT count(*) FROM dead_letters")).scalar() == 1


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.text("019ebxiK_- \\né\u0130\u212a日яЯßΣςー²\uff11e\u0301", min_size=1, max_size=30)
    | st.text(min_size=1, max_size=30)
)
def test_a_walk_passes_over_nothing_that_the_index_knows(connection: Connection, said: str) -> None:
    with connection.begin() as transaction:
        message = message_of(kwargs={"payload": {"user": said}})
        insert_many(connection, [letter(1, message=message, error=failing_with("E", said))])
        indexed = select(func.unnest(func.tsvector_to_array(indexed_words(dead_letters.c))))
        for word in connection.execute(indexed).scalars().all():
            maybe = with_values(maybe_with_words(dead_letters.c), words_asked(word))
            assert connection.execute(select(dead_letters.c.id).where(maybe)).all(), word
        transaction.rollback()


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    payload=st.dictionaries(st.text(max_size=20), st.text(max_size=3_000), max_size=4),
    message=st.text(max_size=5_000),
    tenant=st.text(min_size=1, max_size=600),
)
def test_anything_can_be_indexed(connection: Connection, payload: dict[str, str], message: str, tenant: str) -> None:
    with connection.begin() as transaction:
        body = message_of(kwargs={"payload": payload}, options={"tenant": tenant}, actor_name=tenant, queue_name=tenant)
        assert (
            insert_many(connection, [letter(1, message=body, error=failing_with(tenant, message), queue=tenant)]) == 1
        )
        transaction.rollback()
