"""Canonical JSON: RFC 8785's own examples, and the properties that a fingerprint needs."""

import json
import math
import struct
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.jobs.canonical import canonical, fingerprint

# RFC 8785, appendix B: IEEE 754 bits in hex, and how the number is written.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(("bits", "written"), NUMBERS.items())
def test_numbers_are_written_as_rfc_8785_writes_them(bits: str, written: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    assert canonical(number) == written


def test_the_example_of_rfc_8785_section_3_2_2() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }

    assert canonical(value) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_members_are_sorted_by_utf_16_as_in_rfc_8785_section_3_2_3() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    assert list(json.loads(canonical(value)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


@given(values)
def test_what_is_written_reads_back_as_the_same_value(value: object) -> None:
    """Every number of RFC 8785 is a double, whether it is written like a whole number or not."""
    assert json.loads(canonical(value), parse_int=float) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_reads_back_exactly(number: float) -> None:
    assert float(canonical(number)) == number


@given(st.dictionaries(st.text(), values), st.integers(0, 2**32))
def test_the_order_of_members_does_not_matter(members: dict[str, object], seed: int) -> None:
    shuffled = list(members.items())
    Random(seed).shuffle(shuffled)

    assert fingerprint("act", dict(shuffled)) == fingerprint("act", members)


@given(values, values)
def test_other_work_has_another_fingerprint(one: object, other: object) -> None:
    same = canonical(one) == canonical(other)

    assert (fingerprint("act", one) == fingerprint("act", other)) == same


def test_the_same_payload_for_another_actor_has_another_fingerprint() -> None:
    assert fingerprint("a", {}) != fingerprint("b", {})


def test_a_whole_number_is_one_number_however_it_was_typed() -> None:
    assert canonical([1, 1.0, 100]) == "[1,1,100]"


def test_integers_that_a_double_cannot_tell_apart_are_told_apart() -> None:
    assert canonical(2**53) != canonical(2**53 + 1)


@pytest.mark.parametrize(
    "number",
    [
        9007199254740993,
        -9007199254740993,
        2**53,
        2**53 + 1,
        2**60,
        2**60 + 1,
        1152921504606847000,
        2**63,
        2**64 - 1,
        10**21,
        10**21 + 1,
        10**30,
        -(10**30),
        10**400,
    ],
)
def test_a_large_number_is_no_text_and_no_other_number(number: int) -> None:
    others: list[object] = [str(number), canonical(number), number - 1, number + 1, [number], {"": number}]

    assert all(canonical(number) != canonical(other) for other in others)
    assert fingerprint("act", {"a": [number]}) != fingerprint("act", {"a": [str(number)]})


@pytest.mark.parametrize("number", [2.0**53, 2.0**60, 1e21, 1e22, 1e300, -(2.0**70)])
def test_a_large_number_is_one_number_however_it_was_typed(number: float) -> None:
    assert canonical(int(number)) == canonical(number)


numbers = st.integers() | st.integers(2**53 - 2, 2**70) | st.floats(allow_nan=False, allow_infinity=False)
scalars = numbers | st.text() | numbers.map(str) | st.booleans() | st.none()


@given(scalars, scalars)
def test_two_values_are_written_alike_only_if_they_are_equal(one: object, other: object) -> None:
    assert (canonical(one) == canonical(other)) == (kind_of(one) == kind_of(other) and one == other)


def kind_of(value: object) -> str:
    """True is no 1 in JSON, as it is in Python."""
    return "number" if type(value) in {int, float} else type(value).__name__


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {"user": "ann", "age": 7, "rate": 0.5, "tags": ["a", "ü"], "none": None, "yes": True},
            "057fc44ab49d9e85355d98b5621138a360c5ef1a37c77ec9d8dbddc531f9caa4",
        ),
        (
            {"at": 1_750_000_000_000, "exact": 2**53 - 1, "least": -(2**53) + 1, "nought": -0.0},
            "3e79691dba5f1c6b79bb74c7feab92ed6f2b4a150a0f979491e9621e5b905ec7",
        ),
    ],
)
def test_what_ordinary_payloads_are_written_as_is_what_it_was(payload: dict[str, object], expected: str) -> None:
    """Keys that are stored answer for a day: a fingerprint must not change with a release."""
    assert fingerprint("act", payload) == expected


@pytest.mark.parametrize("members", [{1: "a"}, {None: "a"}, {"a": 1, 2: "b"}, {("a",): 1}])
def test_names_that_are_no_texts_are_refused(members: dict[object, object]) -> None:
    with pytest.raises(ValueError, match=r"texts in JSON"):
        canonical(members)


def test_a_payload_that_is_nested_too_deeply_is_refused() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(ValueError, match=r"nested too deeply"):
        fingerprint("act", deep)


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, {1, 2}, b"bytes", object()],
    ids=lambda value: type(value).__name__ + str(value)[:4],
)
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON"):
        canonical(value)
