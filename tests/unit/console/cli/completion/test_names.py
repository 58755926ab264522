"""The names that a shell completes are in a file."""

import os
from pathlib import Path

import pytest

from console.cli.completion.kept_names import FRESH_SECONDS, KEPT_SECONDS, file_of_names, keep_names, kept_names

NAMES = {"queues": ["sync.media", "email.smtp"], "providers": ["media"], "kinds": ["sync.user"]}


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def grow_old(seconds: float) -> None:
    at = file_of_names().stat().st_mtime - seconds
    os.utime(file_of_names(), (at, at))


def test_names_are_kept_fresh_for_a_minute_and_useful_for_a_week() -> None:
    assert kept_names() == (None, False)
    keep_names(NAMES)
    assert kept_names() == (NAMES, True)
    grow_old(FRESH_SECONDS + 1)
    assert kept_names() == (NAMES, False)
    grow_old(KEPT_SECONDS)
    assert kept_names() == (None, False)


def test_each_fleet_has_names_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_names(NAMES)
    monkeypatch.setenv("LEEWARD_VALKEY_URL", "redis://elsewhere")

    assert kept_names() == (None, False)


def test_a_broken_file_and_a_user_without_a_folder_are_without_names(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_names(NAMES)
    file_of_names().write_text("{")
    assert kept_names() == (None, False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/1/nothing")
    keep_names(NAMES)
    assert kept_names() == (None, False)
