"""An exception as JSON that can be kept and read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.delivery.failure import MESSAGE_LIMIT, describe, message_of, shortened
from leeward.extension.errors import RateLimited, Transient


def test_a_short_text_stays_as_it_is() -> None:
    assert shortened("abc", 3) == "abc"


def test_a_long_text_says_how_much_is_missing() -> None:
    assert shortened("abcdef", 4) == "abcd... [2 characters cut]"
    assert shortened("abcdef", 4, keep_end=True) == "[2 characters cut] ...cdef"


@given(st.text(st.characters(exclude_categories=[])), st.integers(1, 50), st.booleans())
def test_a_shortened_text_keeps_its_beginning_or_its_end(text: str, limit: int, keep_end: bool) -> None:
    short = shortened(text, limit, keep_end=keep_end)

    assert text[-limit:] in short if keep_end else short.startswith(text[:limit])
    assert len(short) <= limit + 40


@given(st.text(st.characters(exclude_categories=[])))
def test_any_error_can_be_written_as_json(text: str) -> None:
    described = describe(ValueError(text))

    assert json.loads(json.dumps(described).encode("utf-8")) == described
    json.dumps(described, ensure_ascii=False).encode("utf-8")


def test_a_providers_error_says_whose_and_where() -> None:
    described = describe(RateLimited("slow down", provider="jellyfin", operation="create", status=429))

    assert (described["provider"], described["operation"], described["status"]) == ("jellyfin", "create", 429)


def test_an_error_without_words_says_so() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert message_of(Mute()) == "<a Mute that cannot be written down>"
    assert describe(Mute())["type"] == "Mute"


@pytest.mark.parametrize("before", [0, MESSAGE_LIMIT - 3, MESSAGE_LIMIT])
def test_a_text_is_cleaned_before_it_is_cut(before: int) -> None:
    described = describe(ValueError("x" * before + "SECRET"), lambda text: text.replace("SECRET", "*"))

    assert "SEC" not in described["message"]
    assert "SECRET" not in described["traceback"]


def test_the_cause_is_in_the_traceback() -> None:
    try:
        try:
            raise KeyError("root")  # noqa: TRY301 # a cause is what is under test
        except KeyError as root:
            raise ValueError("top") from root
    except ValueError as error:
        traceback = describe(error)["traceback"]

    assert "KeyError: 'root'" in traceback
    assert traceback.rstrip().endswith("ValueError: top")


class Gone(Transient): ...


class LongGone(Gone): ...


@pytest.mark.parametrize("error", [Gone, LongGone])
def test_what_a_client_derives_from_an_error_of_the_contract_says_which(error: type[Transient]) -> None:
    described = describe(error("it is away"))
    assert (described["type"], described["provider_error"]) == (error.__name__, "Transient")


@pytest.mark.parametrize("error", [Transient("away"), KeyError("a bug")])
def test_other_errors_say_no_more_than_their_type(error: Exception) -> None:
    assert "provider_error" not in describe(error)
