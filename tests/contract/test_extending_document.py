"""docs/extending.md shows the example as it is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "extending.md"
BLOCK = re.compile(r"^```(python|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[str]:
    return [code for _, code in BLOCK.findall(DOCUMENT.read_text())]


@pytest.mark.parametrize("number", range(len(blocks())))
def test_every_block_is_part_of_the_example(number: int) -> None:
    example = ROOT / "examples" / "leeward-badges"
    files = [*example.rglob("*.py"), example / "README.md", example / "pyproject.toml"]
    # The page leaves out lines of a project that every project has.
    lines = [line for line in blocks()[number].splitlines() if line]

    assert any(is_in_order(lines, file.read_text().splitlines()) for file in files)


def is_in_order(wanted: list[str], lines: list[str]) -> bool:
    rest = iter(lines)
    return all(line in rest for line in wanted)


def test_every_event_type_is_documented() -> None:
    """The fleet's own, and those of the extensions that come with it."""
    from leeward.extension import EVENT_TYPES
    from workers.composition.installed.extensions import load

    ours = [one.extension for one in load().installed if one.distribution == "leeward-fleet"]
    emitted = {*EVENT_TYPES, *(name for extension in ours for name in extension.events)}
    table = re.findall(r"^\| `([a-z_.]+)` \|", (ROOT / "docs" / "events.md").read_text(), re.MULTILINE)

    assert set(table) == emitted
