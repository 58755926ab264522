"""Where a person is named, however that is written."""

import json
from urllib.parse import quote

import pytest

from storage.erasure.subject import InvalidSubject, Subject

ALICE = Subject("alice@example.org", b"key")


@pytest.mark.parametrize(
    "text",
    [
        "alice@example.org",
        "Alice@Example.ORG",
        "invite-alice@example.org-17",
        "550 5.1.1 <alice@example.org>: no such user.",
        "https://x.test/?u=" + quote("alice@example.org"),
        "an end of a sentence alice@example.org.",
        json.dumps(json.dumps({"to": "alice@example.org"})),
    ],
)
def test_a_person_is_found_and_replaced_whatever_is_around(text: str) -> None:
    assert ALICE.is_in(text)
    assert not ALICE.is_in(ALICE.erased(text))
    assert ALICE.pseudonym in ALICE.erased(text)


@pytest.mark.parametrize(
    "text",
    [
        "malice@example.org",
        "x.alice@example.org",
        "alice@example.org.uk",
        "alice@example.organic",
        "alice",
        "@example.org",
    ],
)
def test_a_longer_address_is_another_person(text: str) -> None:
    assert not ALICE.is_in(text)
    assert ALICE.erased(text) == text


def test_a_name_that_is_part_of_a_longer_one_is_another_person() -> None:
    assert not Subject("alice", b"key").is_in("alice-smith, mary-alice, alice@example.org")
    assert Subject("alice", b"key").is_in("user:alice, alice.")


def test_names_and_values_at_any_depth_are_replaced_and_the_rest_stays() -> None:
    value = {"alice@example.org": [{"to": "alice@example.org", "n": 1, "ok": True, "no": None}]}

    assert ALICE.erased(value) == {ALICE.pseudonym: [{"to": ALICE.pseudonym, "n": 1, "ok": True, "no": None}]}


def test_names_beyond_ascii_are_found_as_json_writes_them() -> None:
    subject = Subject("Zoë Müller", b"key")

    assert subject.is_in(json.dumps({"name": "Zoë Müller"}))
    assert subject.is_in(json.dumps({"name": "Zoë Müller"}).encode())
    assert subject.is_in(json.dumps({"name": "Zoë Müller"}, ensure_ascii=False))


def test_the_hash_is_the_same_for_the_same_person_and_another_with_another_key() -> None:
    assert ALICE.hash == Subject("ALICE@example.org ", b"key").hash
    assert ALICE.hash != Subject("alice@example.org", b"other").hash
    assert "alice" not in ALICE.pseudonym


@pytest.mark.parametrize("text", ["", "ab", "x" * 255])
def test_what_cannot_name_one_person_is_refused(text: str) -> None:
    with pytest.raises(InvalidSubject):
        Subject(text, b"key")


@pytest.mark.parametrize("text", ["alice@example.org", "Zoë Müller", "a-b-c"])
def test_every_part_is_in_every_text_that_names_the_person(text: str) -> None:
    subject = Subject(text, b"key")

    for written in (text, json.dumps(text), quote(text), repr(text)):
        assert all(part in written.lower() for part in subject.parts)
