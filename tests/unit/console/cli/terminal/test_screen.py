"""The same answer for people, for pipes and for programs."""

import json
import os
import pty
import re
import termios
from collections.abc import Callable
from contextlib import redirect_stdout, suppress

import pytest

from console.cli.terminal import stdout
from console.cli.terminal.screen import Form, Screen

HOSTILE = "\x1b]0;owned\x07\x1b[2J[red]x[/red]\u202e"


def on_a_terminal(show: Callable[[], None]) -> str:
    """What arrives at a pseudo-terminal that takes the place of standard output."""
    reading, writing = pty.openpty()
    with os.fdopen(writing, "w", encoding="utf-8") as stream, redirect_stdout(stream):
        show()
    shown = b""
    # The kernel hands over what was written in its own time: only with the writer gone does the reader know the end, by an error.
    with suppress(OSError):
        while part := os.read(reading, 100_000):
            shown += part
    os.close(reading)
    return shown.decode()


@pytest.fixture(autouse=True)
def _an_ordinary_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_piped_table_is_lines_with_tabs_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().table(("name", "n"), [("a\tb", 1), (None, HOSTILE)])

    lines = capsys.readouterr().out.splitlines()

    assert lines[0] == "name\tn"
    assert lines[1] == "a\\tb\t1"
    assert lines[2].startswith("-\t\\x1b]0;owned")
    assert "\x1b" not in "".join(lines)


def test_a_name_is_never_broken_and_many_columns_become_paragraphs_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    columns, name = [f"column {number}" for number in range(8)], "787e6768-3b5c-431d-8532-f5a013c11e57"
    shown = {}
    for width in (90, 150):
        monkeypatch.setenv("COLUMNS", str(width))
        row = [name, *["some words that are long"] * 7]
        shown[width] = on_a_terminal(lambda row=row: Screen().table(columns, [row]))  # type: ignore[misc]

    assert all(name in text for text in shown.values())
    assert f"column 0: {name}\r\ncolumn 1: some words" in shown[90]
    assert "column 0: " not in shown[150]


@pytest.mark.parametrize("width", [5, 20, 59, 60, 80, 200])
def test_a_terminal_of_any_width_shows_every_value_and_obeys_none(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))

    shown = on_a_terminal(lambda: Screen().table(("name", "number"), [("alice", 17), (HOSTILE, 18)]))

    assert "\x1b]0;" not in shown
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
    plain = re.sub(r"\x1b\[[0-9;]*m|\s", "", shown)
    assert "alice" in plain
    assert "18" in plain


def test_markup_in_data_is_shown_and_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")

    rows = [("[red]x[/red]", "[link=http://evil]y[/link]")]
    shown = on_a_terminal(lambda: Screen().table(("name", "other"), rows))

    assert "[red]x[/red]" in shown
    assert "[link=http://evil]y[/link]" in shown


def test_json_is_one_document_in_plain_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(Form.JSON).document({"text": HOSTILE + "\x9b"})

    said = capsys.readouterr().out

    assert json.loads(said) == {"text": HOSTILE + "\x9b"}
    assert said.isascii()
    assert "\x1b" not in said


def test_remarks_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().remark("two\nlines")

    captured = capsys.readouterr()

    assert captured.out == ""
    assert captured.err == "two\\nlines\n"


def test_words_continue_below_their_beginning_on_a_terminal_and_are_one_line_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")

    shown = on_a_terminal(lambda: Screen().paragraph("one two three four five", after="next: "))
    Screen().paragraph("one two three four five", after="next: ")

    assert shown == "next: one two three\r\n      four five\r\n"
    assert capsys.readouterr().out == "next: one two three four five\n"


@pytest.mark.parametrize(("height", "pages"), [(0, False), (5, True), (50, False)])
def test_a_terminal_that_does_not_say_its_height_is_never_paged(
    height: int, pages: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = pty.openpty()
    termios.tcsetwinsize(writing, (height, 80))
    with os.fdopen(reading, "rb"), os.fdopen(writing, "w", encoding="utf-8") as stream, redirect_stdout(stream):
        monkeypatch.setattr("sys.stdin", stream)
        assert stdout.is_lower_than(20) is pages
