"""Our own providers and jobs are extensions as any other: nothing else in the fleet names one of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from leeward.jobs.contract_kinds import CONTRACT_KINDS

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
_PROVIDERS = sorted((ROOT / "providers").glob("*/provider.py"))
_CONTRACT = [*CONTRACT_KINDS]
THEIR_OWN = ("actors/", "schemas/src/leeward/jobs/", *(f"providers/{path.parent.name}/" for path in _PROVIDERS))
TYPES = [kind for path in _PROVIDERS for kind in re.findall(r"\(Provider\[.*\btype=\"([\w-]+)\"", path.read_text())]
COMMON = frozenset({"http", "webhook"})
"""Types that are also words of every day: quoted, they are a type."""
NAMES = re.compile(
    "|".join(
        [
            rf"(?P<quote>[\"'`])({'|'.join(sorted(COMMON))})(?P=quote)",
            rf"\b({'|'.join(map(re.escape, sorted({*TYPES} - COMMON)))})",
            rf"\b({'|'.join(re.escape(one.kind) for one in _CONTRACT)})\b",
            rf"\b({'|'.join(sorted({one.family for one in _CONTRACT}))})\.({'|'.join(sorted(TYPES))})\b",
            rf"\b({'|'.join(sorted({one.model.partition(':')[2] for one in _CONTRACT}))})\b",
        ]
    ),
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
    text = file.read_text()
    lines = text.splitlines() if NAMES.search(text) else []
    for number, line in enumerate(lines, 1):
        for found in NAMES.finditer(line):
            if not (found["quote"] and ABOUT_URLS.search(line)):
                yield f"{name}:{number}: {found[0]}"


def test_every_provider_of_ours_is_looked_for() -> None:
    assert len(TYPES) >= len(_PROVIDERS)
    assert {"jellyfin", "smtp", "http"} <= set(TYPES)


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
