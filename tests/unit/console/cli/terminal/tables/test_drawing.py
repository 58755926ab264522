"""Tables of any content have the width that they are given."""

from hypothesis import given
from hypothesis import strategies as st

from console.cli.terminal.tables.cell_width import cell_width
from console.cli.terminal.tables.drawing import GAP, Heading, drawn, shortened, wrapped

TEXTS = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=60)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=5), st.integers(10, 120))
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, str, str]], width: int) -> None:
    headings = [Heading("name"), Heading("text", cut=True), Heading("more", wrap=True)]

    table = drawn(headings, rows, width=width)

    for line in (line for row in table or [] for line in row):
        assert sum(map(cell_width, line)) + len(GAP) * (len(line) - 1) <= width


@given(TEXTS, st.integers(2, 40))
def test_a_wrapped_text_loses_nothing_but_spaces(text: str, width: int) -> None:
    found = wrapped(text, width)

    assert all(cell_width(line) <= width for line in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_a_text_of_wide_characters_is_cut_where_the_terminal_ends() -> None:
    assert shortened("日本語のテキスト", 7) == "日本語…"
    assert shortened("abcdefgh", 5) == "abcd…"
    assert shortened("abcde", 5) == "abcde"
