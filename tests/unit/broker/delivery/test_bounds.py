"""What a job leaves in Valkey is bounded, and a cut says that it is one."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.delivery.bounds import BEGINNING_BYTES, ERROR_LIMIT_BYTES, PROGRESS_LIMIT_BYTES, RESULT_LIMIT_BYTES, bounded
from broker.delivery.outcomes import Dead, Done
from leeward.jobs.dead_reason import DeadReason
from tests.unit.broker.session.test_settle_payload import fields

LARGE = {
    "text": "x" * RESULT_LIMIT_BYTES,
    "letters of several bytes": "ü€😀" * RESULT_LIMIT_BYTES,
    "a list": list(range(200_000)),
    "many names": {f"name-{n}": n for n in range(100_000)},
    "a list of lists": [["x" * 100] * 100] * 100,
    "quotes": '"' * RESULT_LIMIT_BYTES,
    "backslashes": "\\" * RESULT_LIMIT_BYTES,
    "zeros": "\x00" * RESULT_LIMIT_BYTES,
    "one byte too many": "x" * (RESULT_LIMIT_BYTES - 1),
    "numbers": [1.5] * 100_000,
}


@pytest.mark.parametrize("what", LARGE)
def test_a_large_result_is_cut_visibly(what: str) -> None:
    kept = fields(Done(LARGE[what]))["result"]

    cut = orjson.loads(kept)["cut"]
    assert cut["size_bytes"] == len(orjson.dumps(LARGE[what])) > cut["limit_bytes"] == RESULT_LIMIT_BYTES
    assert orjson.dumps(LARGE[what]).decode().startswith(cut["beginning"])
    assert len(kept) < 10 * BEGINNING_BYTES


def test_a_result_of_just_the_limit_is_kept() -> None:
    text = "x" * (RESULT_LIMIT_BYTES - 2)

    assert orjson.loads(fields(Done(text))["result"]) == text


@pytest.mark.parametrize("what", LARGE)
def test_a_large_error_is_cut_visibly(what: str) -> None:
    error = {"type": "Boom", "message": "it broke", "status": 7, "detail": LARGE[what]}

    told = fields(Dead(DeadReason.PERMANENT, error))["error"]

    assert len(told) < ERROR_LIMIT_BYTES
    kept = orjson.loads(told)
    assert (kept["type"], kept["message"], kept["status"]) == ("Boom", "it broke", 7)
    assert kept["cut"]["size_bytes"] > ERROR_LIMIT_BYTES


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=2_000),
        lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=50), inner, max_size=30),
        max_leaves=60,
    )
)
def test_whatever_it_is_it_is_json_and_within_its_limit_or_a_cut(value: Any) -> None:
    try:
        encoded = orjson.dumps(value)
    except TypeError:
        return
    kept = bounded(encoded, PROGRESS_LIMIT_BYTES)

    assert kept == encoded or set(orjson.loads(kept)) == {"cut"}
    assert len(kept) <= max(PROGRESS_LIMIT_BYTES, 7 * BEGINNING_BYTES)
