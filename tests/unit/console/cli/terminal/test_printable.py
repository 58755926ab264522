"""Text of strangers on a terminal."""

import pytest

from console.cli.terminal.printable import printable, printable_lines


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        ("\x1b[2J\x1b[31mred", r"\x1b[2J\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("line\nbreak\rover\tthere", r"line\nbreak\rover\tthere"),
        ("abc\u202egpj.exe", r"abc\u202egpj.exe"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("nul\x00del\x7f", r"nul\x00del\x7f"),
        ("half\ud83d", r"half\ud83d"),
        ("Zoë, 日本語, 🎬", "Zoë, 日本語, 🎬"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(hostile: str, harmless: str) -> None:
    assert printable(hostile) == harmless


def test_long_text_is_cut_visibly() -> None:
    assert printable("abcdef", limit=4) == "abc…"
    assert printable("abcd", limit=4) == "abcd"


def test_line_breaks_of_a_traceback_stay_and_nothing_else() -> None:
    assert printable_lines("one\ntwo\x1b[1m\r\nthree") == "one\ntwo\\x1b[1m\\r\nthree"
