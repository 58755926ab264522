"""Columns of a terminal, not characters."""

import pytest

from console.cli.terminal.tables.cell_width import beginning, cell_width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("queue", 5),
        ("größer", 6),
        ("…", 1),
        ("日本", 4),
        ("e\u0301", 1),
        ("a\u200bb", 2),
        ("🙂", 2),
        ("▁▄█", 3),
    ],
)
def test_wide_characters_take_two_columns_and_marks_none(text: str, columns: int) -> None:
    assert cell_width(text) == columns


@pytest.mark.parametrize(
    ("text", "width", "fits"),
    [
        ("queue", 3, "que"),
        ("queue", 9, "queue"),
        ("日本語", 4, "日本"),
        ("日本語", 3, "日"),
        ("e\u0301a", 1, "e\u0301"),
        ("a", 0, ""),
    ],
)
def test_a_beginning_never_takes_more_columns_than_there_are(text: str, width: int, fits: str) -> None:
    assert beginning(text, width) == fits
