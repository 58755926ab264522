"""The providers' published documents, which are no part of the project: tests that need them skip without them."""

import os
from pathlib import Path

import pytest

_BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2].parent / "shared" / "contracts"


def contract_file(name: str) -> Path:
    """A file of the contracts folder; skips the test when it is not there. `LEEWARD_CONTRACTS` names another folder."""
    folder = Path(os.environ.get("LEEWARD_CONTRACTS") or _BESIDE_THE_PROJECT)
    if not (folder / name).is_file():
        pytest.skip(f"needs {name} of the contracts folder: set LEEWARD_CONTRACTS to where it is (looked in {folder})")
    return folder / name
