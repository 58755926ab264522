import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from storage.payloads.sanitise import beginning, decoded, depth, ending, escaped, json_value

LIMIT = 4_000
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=3_000)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec=None)), inner), max_leaves=30
)


def test_nul_and_lone_surrogates_are_written_out() -> None:
    assert escaped("a\x00b\ud800c") == "a\\u0000b\\ud800c"


def test_a_text_within_its_limit_is_left_alone() -> None:
    assert beginning("x" * 50, 50) == ending("x" * 50, 50) == "x" * 50


def test_a_cut_says_how_much_there_was_and_keeps_the_right_end() -> None:
    text = "first" + "." * 5_000 + "last"

    assert beginning(text, 100).startswith("first")
    assert beginning(text, 100).endswith("[cut: 5,009 characters in all]")
    assert ending(text, 100).startswith("[cut: 5,009 characters in all]")
    assert ending(text, 100).endswith("last")


@given(st.text(st.characters(codec=None)), st.integers(60, 200))
def test_no_text_is_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(beginning(text, limit)) <= limit
    assert len(ending(text, limit)) <= limit


def test_bytes_that_are_no_utf8_are_written_out() -> None:
    assert decoded(b"ok \xff\xfe") == "ok \\xff\\xfe"


@given(JSON)
def test_any_json_value_becomes_one_that_can_be_stored_and_is_bounded(value: object) -> None:
    stored = json_value(value, LIMIT)

    text = json.dumps(stored, ensure_ascii=False, allow_nan=False)
    text.encode()
    assert "\\u0000" not in json.dumps(stored).replace("\\\\u0000", "")
    assert len(text) <= LIMIT * 1.5
    assert depth(stored) <= 65


def test_numbers_that_jsonb_cannot_hold_become_text() -> None:
    assert json_value([float("nan"), float("-inf"), 10**30], LIMIT) == ["nan", "-inf", hex(10**30)]


def test_a_number_of_a_million_digits_is_cut() -> None:
    assert "[cut:" in json_value(1 << 3_400_000, LIMIT)


def test_too_large_a_value_first_loses_the_ends_of_its_long_strings() -> None:
    stored = json_value({"short": "kept", "long": "x" * 100_000}, 10_000)

    assert stored["short"] == "kept"
    assert stored["long"].endswith("[cut: 100,000 characters in all]")


def test_a_value_of_too_many_parts_keeps_the_beginning_of_its_text() -> None:
    stored = json_value(list(range(100_000)), 10_000)

    assert stored["[cut]"].startswith("588,891 bytes")
    assert stored["beginning"].startswith("[0,1,2,3")
    assert len(stored["beginning"]) == 5_000


def test_deep_nesting_ends_with_a_visible_cut() -> None:
    value: object = "bottom"
    for _ in range(100):
        value = [value]

    assert "nested deeper than 64 levels" in json.dumps(json_value(value, LIMIT))


def test_depth_is_found_without_recursion() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]

    assert depth(value) == 100_001
    assert depth({"a": {"b": []}, "c": 1}) == 3
    while value:  # taken apart by hand: freeing it at once would recurse
        value = value.pop()
