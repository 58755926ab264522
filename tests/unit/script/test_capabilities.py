"""docs/capabilities.md has every capability once, with a state and what shows it."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "capabilities.md").read_text(encoding="utf-8")
SOURCES = (50, 51, 26, 31, 60)
"""How many capabilities each of the five descriptions has."""
STATES = ("works", "partly", "open", "declined")
ROWS = re.findall(r"^\| (\d+\.\d+) \| (.+?) \| (\w+) \| (.*) \|$", PAGE, re.MULTILINE)
SHOWN = re.compile(r"`(?:tests/|leeward |script/)[^`]+`")


def test_every_capability_is_there_once_and_in_its_place() -> None:
    expected = [f"{source}.{number}" for source, count in enumerate(SOURCES) for number in range(1, count + 1)]

    assert [number for number, *_ in ROWS] == expected


def test_the_page_counts_its_states() -> None:
    counts = Counter(state for _, _, state, _ in ROWS)

    assert set(counts) <= set(STATES)
    said = f"Today {counts['works']} work, {counts['partly']} partly, {counts['open']} are open, {counts['declined']} declined."
    assert said in PAGE


@pytest.mark.parametrize(("number", "what", "state", "why"), ROWS, ids=[number for number, *_ in ROWS])
def test_a_row_says_what_shows_it_or_why_not(number: str, what: str, state: str, why: str) -> None:
    assert what.strip()
    assert why.strip(), f"{number} gives no reason"
    if state == "works":
        assert SHOWN.search(why), f"{number} works, and no test and no command shows it"
    missing = [path for path in re.findall(r"`(tests/[^`]+)`", why) if not (ROOT / path).exists()]
    assert missing == []
