"""Payloads of providers that are part of the project: `tests/fixtures/`, written by hand."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parents[1] / "fixtures"


def fixture(name: str) -> Any:
    """A JSON file by its path below the folder."""
    return json.loads((_FOLDER / name).read_text())
