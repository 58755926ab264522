from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.http_client.json_body import DEEPEST, MOST_CONTAINERS, NotJson, parse_json

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(value=JSON)
def test_json_is_read_and_can_be_written_again(value: Any) -> None:
    assert orjson.loads(orjson.dumps(parse_json(orjson.dumps(value)))) == value


@given(body=st.binary(max_size=200))
def test_any_bytes_are_json_or_a_problem_of_ours(body: bytes) -> None:
    try:
        parse_json(body)
    except NotJson:
        return


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"NaN",
        b"[Infinity]",
        b"1e999",
        b"9" * 400,
        b'"\\ud800"',
        b'"\xff"',
        '{"a":1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b"[" + b"[]," * MOST_CONTAINERS + b"[]]",
        b"{'a':1}",
        b"[1,]",
        b"{}{}",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_json_or_too_much_of_it_is_named(body: bytes) -> None:
    with pytest.raises(NotJson):
        parse_json(body)


def test_the_deepest_is_still_read() -> None:
    assert parse_json(b"[" * DEEPEST + b"]" * DEEPEST)


def test_of_equal_names_the_last_counts() -> None:
    assert parse_json(b'{"a":1,"a":2}') == {"a": 2}
