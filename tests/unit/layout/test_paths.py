"""The documents name files and folders that are there."""

import re
from collections.abc import Iterator

import pytest

from tests.unit.layout.house import ROOMS, ROOT, files

DOCUMENTS = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md", "bench/README.md"]
DOCUMENTS += sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))
_QUOTED = re.compile(r"`([\w./-]+)`")
_EXTRA_FOLDERS = {"docs", "deploy", "requirements"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text()

    assert [path for path in _paths(text) if not _is_there(path)] == []


@pytest.mark.parametrize("suffix", [".py", ".lua"])
def test_every_file_that_the_architecture_names_without_a_folder_is_somewhere(suffix: str) -> None:
    names = {file.name for file in files(suffix)}
    found = {path for path in _QUOTED.findall((ROOT / "ARCHITECTURE.md").read_text()) if path.endswith(suffix)}

    assert {path for path in found if "/" not in path} <= names


@pytest.mark.parametrize("thing", ["a job", "a provider", "a ring", "a dead letter column", "a command or a page"])
def test_the_architecture_says_where_to_add(thing: str) -> None:
    rows = [
        row for row in (ROOT / "ARCHITECTURE.md").read_text().splitlines() if row.startswith(f"| How do I add {thing}?")
    ]

    assert len(rows) == 1
    assert list(_paths(rows[0]))


def test_a_path_that_is_not_there_is_found() -> None:
    assert list(_paths("see `broker/nowhere.py` and `a/b` and `storage/tables.py`")) == [
        "broker/nowhere.py",
        "storage/tables.py",
    ]
    assert not _is_there("broker/nowhere.py")
    assert _is_there("leeward/wire/keys.py")


def _paths(text: str) -> Iterator[str]:
    """What is quoted and begins with a folder of ours."""
    for quoted in _QUOTED.findall(text):
        first, slash, _ = quoted.partition("/")
        if slash and "NAME" not in quoted and first in {*ROOMS, *_EXTRA_FOLDERS, "leeward"}:
            yield quoted


def _is_there(path: str) -> bool:
    return (ROOT / path).exists() or (ROOT / "schemas" / "src" / path).exists()
