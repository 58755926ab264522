"""docs/metrics.md names every metric there is, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [
    "middleware/metrics/instruments.py",
    *(str(file.relative_to(ROOT)) for file in (ROOT / "workers").rglob("*gauges.py")),
]


def test_the_document_names_what_the_code_does() -> None:
    code = "".join((ROOT / source).read_text() for source in SOURCES)
    made = set(re.findall(r'"(leeward_\w+)"', code))
    told = set(re.findall(r"`(leeward_\w+)[`{]", (ROOT / "docs" / "metrics.md").read_text()))

    assert {name.removesuffix("_total") for name in told} == made
