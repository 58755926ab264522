"""The lists of a process are its own: each test begins and ends with empty ones."""

import pytest

from leeward.redaction import credentials, names


@pytest.fixture(autouse=True)
def _own_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_known", set())
    monkeypatch.setattr(credentials, "_finder", None)
    monkeypatch.setattr(names, "_added", set())
