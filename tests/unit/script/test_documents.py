"""Links between documents lead somewhere, and every decision has a status, a date and a line in the index."""

import re
from pathlib import Path

import pytest

from tests.support.processes import ROOT

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "bench" / "README.md"]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("0*.md"))
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#([\w-]+))?\)")


def headings(text: str) -> set[str]:
    """As GitHub names them in an address."""
    return {
        re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_to_a_file_and_a_heading(document: Path) -> None:
    for target, heading in _LINK.findall(document.read_text()):
        path = document.parent / target
        assert path.exists(), target
        assert not heading or heading in headings(path.read_text()), f"{target}#{heading}"


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_number_a_status_and_a_date(decision: Path) -> None:
    title, _, status = decision.read_text().splitlines()[:3]

    assert title.startswith(f"# {int(decision.name[:4])}. ")
    assert re.match(r"Status: (proposed|accepted|superseded by \d+)\b.*\d{4}-\d\d-\d\d", status)


def test_the_index_has_every_decision_once() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text()
    assert sorted(re.findall(r"\]\((0[^)]+)\)", index)) == [decision.name for decision in DECISIONS]
