import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.downloads.network.content_range import ContentRange, parse_content_range

_OFFSETS = st.integers(min_value=0, max_value=10**17)


@given(first=_OFFSETS, more=_OFFSETS, beyond=st.integers(min_value=1, max_value=10**17))
def test_a_range_is_read_as_it_was_written(first: int, more: int, beyond: int) -> None:
    last = first + more
    total = last + beyond

    assert parse_content_range(f"bytes {first}-{last}/{total}") == ContentRange(first, last, total)
    assert parse_content_range(f"bytes {first}-{last}/*") == ContentRange(first, last, None)


@given(first=_OFFSETS, more=_OFFSETS)
def test_a_length_counts_both_ends(first: int, more: int) -> None:
    found = parse_content_range(f"bytes {first}-{first + more}/*")

    assert found is not None
    assert found.length == more + 1


@given(total=_OFFSETS)
def test_an_unsatisfiable_range_gives_the_total(total: int) -> None:
    assert parse_content_range(f"bytes */{total}") == ContentRange(None, None, total)


@given(first=_OFFSETS, less=st.integers(min_value=1, max_value=10**17))
def test_a_range_that_ends_before_it_begins_is_invalid(first: int, less: int) -> None:
    assert parse_content_range(f"bytes {first + less}-{first}/*") is None


@given(last=_OFFSETS, missing=_OFFSETS)
def test_a_range_beyond_its_total_is_invalid(last: int, missing: int) -> None:
    assert parse_content_range(f"bytes 0-{last}/{max(last - missing, 0)}") is None


@given(st.text(max_size=60))
def test_no_text_makes_the_parser_fail(text: str) -> None:
    found = parse_content_range(text)

    assert found is None or (found.total is None) or found.length <= found.total


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "bytes",
        "bytes */*",
        "bytes 0-1",
        "items 0-1/2",
        "bytes 0-1/2, bytes 3-4/9",
        "bytes -5/9",
        "bytes ٣-٤/٩",
        "bytes 0-1/-2",
    ],
)
def test_what_the_grammar_does_not_know_is_invalid(value: str | None) -> None:
    assert parse_content_range(value) is None


def test_units_are_not_case_sensitive_and_spaces_around_are_ignored() -> None:
    assert parse_content_range("  Bytes 0-1/2 ") == ContentRange(0, 1, 2)
