"""Our own providers and jobs are extensions as any other: nothing else in the fleet names one of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCTION = (
    "actors",
    "broker",
    "console",
    "leeward_admin",
    "middleware",
    "providers",
    "schemas/src",
    "storage",
    "workers",
)
THEIR_OWN = (
    "actors/",
    "providers/jellyfin/",
    "providers/smtp/",
    "providers/downloads/",
    "providers/ytdlp/",
    "schemas/src/leeward/jobs/",
)
NAMES = re.compile(
    r"\bjellyfin|\bsmtp|(?P<quote>[\"'`])http(?P=quote)|sync\.(user|jellyfin)\b|email\.send|download\.(file|http|media)|\byt-?dlp"
    r"|\b(SyncUser|SendEmail|DownloadFile|DownloadMedia)\b",
    re.IGNORECASE,
)
ABOUT_URLS = re.compile(r"https|scheme")
EXPORTED = {
    "schemas/src/leeward/__init__.py": "what producers import",
}
"""Where the names of the contract's own jobs must stand -> why."""


def _files() -> Iterator[Path]:
    for folder in PRODUCTION:
        for suffix in ("py", "lua"):
            yield from (ROOT / folder).rglob(f"*.{suffix}")


def _named(file: Path) -> Iterator[str]:
    name = str(file.relative_to(ROOT))
    if name.startswith(THEIR_OWN) or name in EXPORTED:
        return
    for number, line in enumerate(file.read_text().splitlines(), 1):
        for found in NAMES.finditer(line):
            if not (found["quote"] and ABOUT_URLS.search(line)):
                yield f"{name}:{number}: {found[0]}"


def test_nothing_but_themselves_names_a_provider_or_a_job_of_ours() -> None:
    assert [found for file in _files() for found in _named(file)] == []


@pytest.mark.parametrize("name", EXPORTED)
def test_what_may_name_them_is_there_and_does(name: str) -> None:
    assert NAMES.search((ROOT / name).read_text())


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ('if provider == "jellyfin":', True),
        ("from providers.smtp import Mailer", True),
        ('DEFAULTS = {"http": 2}', True),
        ('scheme in {"http", "https"}', False),
        ('-- the queue of "sync.user"', True),
        ("provider == 'acme'", False),
    ],
)
def test_the_search_finds_what_it_should(
    text: str, is_named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file.py"
    file.write_text(text)
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)

    assert bool(list(_named(file))) == is_named
