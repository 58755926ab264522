"""Which recipients of a mail are one."""

from actors.email import distinct


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
