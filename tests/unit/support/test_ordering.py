import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ordering import spread


@pytest.mark.parametrize(
    ("given", "ordered"),
    [
        ("aabbbbbbbbbb", "abbbbabbbbbb"),
        ("bbbb", "bbbb"),
        ("aaa", "aaa"),
        ("", ""),
        ("baba", "abab"),
    ],
)
def test_special_ones_are_spread_between_the_others_and_not_at_the_end(given: str, ordered: str) -> None:
    assert "".join(spread(given, lambda one: one == "a")) == ordered


@given(st.lists(st.integers(0, 50)))
def test_nothing_is_lost_and_each_kind_keeps_its_order(these: list[int]) -> None:
    found = spread(these, lambda one: one % 3 == 0)

    for rest in (True, False):
        assert [one for one in found if (one % 3 == 0) is rest] == [one for one in these if (one % 3 == 0) is rest]
