import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from providers.ytdlp import health, version
from providers.ytdlp.health import check_health
from providers.ytdlp.settings import YtDlpSettings
from providers.ytdlp.version import age, released_on
from providers.ytdlp.workspace import HOME

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _recent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "installed_version", lambda: "2026.10.26")


def test_a_folder_that_can_be_written_to_is_healthy_and_the_version_is_shown(tmp_path: Path) -> None:
    found = check_health(YtDlpSettings(root=tmp_path, ffmpeg=Path("/opt/ffmpeg")), NOW)

    assert (found.ok, found.detail) == (True, "yt-dlp 2026.10.26")


def test_an_old_version_is_said(tmp_path: Path) -> None:
    settings = YtDlpSettings(root=tmp_path, ffmpeg=Path("/opt/ffmpeg"))

    assert check_health(settings, NOW + timedelta(days=100)).detail == "yt-dlp 2026.10.26; 136 days old: update it"


def test_a_missing_ffmpeg_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "no ffmpeg" in check_health(YtDlpSettings(root=tmp_path), NOW).detail


def test_without_ytdlp_nothing_can_be_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "installed_version", lambda: None)

    found = check_health(YtDlpSettings(root=tmp_path), NOW)

    assert not found.ok
    assert "pip install" in found.detail


@pytest.mark.parametrize(("root", "reserve"), [("missing", 0), (".", 2**62)])
def test_a_folder_that_is_missing_or_full_is_unhealthy(tmp_path: Path, root: str, reserve: int) -> None:
    assert not check_health(YtDlpSettings(root=tmp_path / root, free_disk_reserve_bytes=reserve), NOW).ok


def test_work_folders_that_may_not_be_written_to_are_unhealthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / HOME).mkdir()
    settings = YtDlpSettings(root=tmp_path, free_disk_reserve_bytes=0)
    assert check_health(settings, NOW).ok
    # The superuser, who may run this, may write anywhere.
    monkeypatch.setattr(os, "access", lambda place, _: place != tmp_path / HOME)

    found = check_health(settings, NOW)

    assert (found.ok, found.detail) == (False, f"the folder {HOME} in the media folder may not be written to")


@pytest.mark.parametrize(
    ("number", "days"),
    [("2026.10.26", 36), ("2026.8.19.232748", 104), ("1.0", None), ("nightly", None), ("2026.13.1", None)],
)
def test_the_age_of_a_version(number: str, days: int | None) -> None:
    assert age(number, NOW) == (None if days is None else timedelta(days=days))
    assert (released_on(number) is None) is (days is None)


def test_the_installed_version_is_found_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert version.installed_version()
    monkeypatch.setattr(version, "DISTRIBUTION", "no-such-distribution")
    assert version.installed_version() is None
