"""Our JSON and Dramatiq's are one format."""

import json
import math
from typing import Any

import pytest
from dramatiq.encoder import JSONEncoder
from hypothesis import given
from hypothesis import strategies as st

from broker.delivery.encoding import FastJSONEncoder

numbers = st.integers() | st.floats(allow_nan=False) | st.integers(min_value=2**60, max_value=2**70)
leaves = st.none() | st.booleans() | numbers | st.text(st.characters(exclude_categories=[]))
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=15)
messages = st.dictionaries(st.text(), values)

ours, theirs = FastJSONEncoder(), JSONEncoder()


@given(messages)
def test_what_we_write_dramatiq_reads_and_the_other_way_round(message: dict[str, object]) -> None:
    assert theirs.decode(ours.encode(message)) == message
    assert ours.decode(theirs.encode(message)) == message
    assert ours.decode(ours.encode(message)) == message


@pytest.mark.parametrize("value", [2**64, -(2**64), 10**40, math.inf, -math.inf, "\udcff", "\x00", 1e22, None])
def test_hard_values_keep_their_exact_value(value: object) -> None:
    assert ours.decode(ours.encode({"x": value})) == {"x": value}


def test_a_nan_stays_a_nan() -> None:
    assert math.isnan(ours.decode(ours.encode({"x": math.nan}))["x"])


def test_keys_that_are_numbers_become_the_same_text() -> None:
    message: dict[Any, str] = {1: "a", 2.5: "b", False: "c"}

    assert json.loads(ours.encode(message)) == json.loads(theirs.encode(message))


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"nonsense"])
def test_bytes_that_are_no_json_are_refused(data: bytes) -> None:
    with pytest.raises(Exception, match=r"."):
        ours.decode(data)
