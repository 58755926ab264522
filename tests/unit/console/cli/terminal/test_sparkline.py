import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cli.terminal.sparkline import ASCII, BLOCKS, sparkline


@pytest.mark.parametrize(
    ("values", "width", "expected"),
    [
        ([0, 1, 2, 4, 8], 5, " ▁▂▄█"),
        ([0, 0, 0], 3, "   "),
        ([1, 1_000], 2, "▁█"),
        ([1, 1, 0, 0, 3, 1], 3, "▄ █"),
        ([9, 1, 1, 1, 1], 3, "█▂▂"),
        ([5], 3, "█"),
        ([], 3, ""),
    ],
)
def test_values_are_marks_and_neighbours_are_added(values: list[int], width: int, expected: str) -> None:
    assert sparkline(values, width=width, blocks=True) == expected


@given(st.lists(st.integers(0, 10**9), max_size=100), st.integers(1, 60))
def test_ascii_marks_stand_for_the_same_heights(values: list[int], width: int) -> None:
    blocks, ascii_ = (sparkline(values, width=width, blocks=wanted) for wanted in (True, False))

    assert ascii_.isascii()
    assert [BLOCKS.index(mark) for mark in blocks] == [ASCII.index(mark) for mark in ascii_]
    assert len(blocks) <= width
    assert (max(values, default=0) > 0) == (BLOCKS[-1] in blocks)
