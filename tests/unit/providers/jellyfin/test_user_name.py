"""Names as Jellyfin's own regular expression sees them."""

import pytest

from providers.jellyfin.user_name import is_valid, normalized


@pytest.mark.parametrize("name", ["alice", "Alice B", "o'neil", "a.b-c_d@e+f", "Zoë", "李雷", "e\u0301", "a1", "‿"])
def test_names_that_jellyfin_takes(name: str) -> None:
    assert is_valid(name)


@pytest.mark.parametrize(
    "name", ["", " alice", "alice ", "alice\n", "a/b", "a\tb", "a\u00a0b", "a<b>", "x²", "½", "a:b", "\u200d"]
)
def test_names_that_jellyfin_refuses(name: str) -> None:
    assert not is_valid(name)


@pytest.mark.parametrize(("one", "other"), [("alice", "ALICE"), ("Zoë", "ZOË"), ("\u03c3", "\u03c2")])
def test_names_that_differ_in_case_only_are_the_same(one: str, other: str) -> None:
    assert normalized(one) == normalized(other)


@pytest.mark.parametrize(("one", "other"), [("straße", "STRASSE"), ("\u0131", "I"), ("alice", "alicé")])
def test_one_character_never_becomes_two(one: str, other: str) -> None:
    assert normalized(one) != normalized(other)
