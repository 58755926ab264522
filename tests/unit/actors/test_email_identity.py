"""What stays the same over every attempt of a mail job."""

from datetime import UTC, datetime

from actors.email import LONGEST_KEY, Identity, distinct

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_each_recipients_key_is_readable_and_its_own() -> None:
    identity = Identity("invite-17", NOW)

    assert identity.of_recipient("alice@example.org") == "invite-17:alice@example.org"


def test_a_key_that_would_be_too_long_is_hashed_and_stays_the_same() -> None:
    identity = Identity("k" * LONGEST_KEY, NOW)

    keys = [identity.of_recipient(address) for address in ("a@example.org", "a@example.org", "b@example.org")]

    assert all(len(key) <= LONGEST_KEY for key in keys)
    assert keys[0] == keys[1] != keys[2]


def test_outside_a_worker_every_call_is_a_job_of_its_own() -> None:
    first, second = Identity.of_current_job(), Identity.of_current_job()

    assert first.key != second.key
    assert first.enqueued.tzinfo is UTC


def test_recipients_whose_domains_differ_in_case_only_are_one() -> None:
    assert distinct(("bob@example.org", "alice@example.org", "bob@EXAMPLE.org", "Bob@example.org")) == [
        "bob@example.org",
        "alice@example.org",
        "Bob@example.org",
    ]


def test_where_the_relay_folds_case_recipients_that_differ_in_it_are_one() -> None:
    addresses = ("Bob@example.org", "bob@EXAMPLE.org", "Bob@other.example", "bob@other.example")

    assert distinct(addresses, {"example.org"}) == ["Bob@example.org", "Bob@other.example", "bob@other.example"]
    assert distinct(addresses, {"*"}) == ["Bob@example.org", "Bob@other.example"]


def test_two_spellings_of_one_domain_are_one_and_two_domains_are_two() -> None:
    assert distinct(("a@bücher.example", "a@BÜCHER.example", "a@xn--bcher-kva.example")) == ["a@bücher.example"]
    assert len(distinct(("a@straße.example", "a@strasse.example"))) == 2
